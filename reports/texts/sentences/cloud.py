"""Of gateway, brokers, platform and certificates."""

from __future__ import annotations

CLOUD: dict[str, str] = {
    "{key} = {text} is no host:port": "{key} = {text} 不是 host:port",
    "write it like 127.0.0.1:1883": "写成 127.0.0.1:1883 的形式",
    "cloud.broker holds a user name; the gateway logs in anonymously": "cloud.broker 含有用户名，而网关匿名登录",
    "use a broker that takes anonymous clients, and remove the user name (rig file: cloud.broker)": (
        "使用允许匿名登录的服务器，并去掉用户名（台架文件：cloud.broker）"
    ),
    "cloud.broker = {text} is neither {embedded} nor mqtt://host:port": (
        "cloud.broker = {text} 既不是 {embedded} 也不是 mqtt://host:port"
    ),
    "correct it (rig file: cloud.broker)": "请更正（台架文件：cloud.broker）",
    "cannot listen on {host}:{port}: {strerror}": "无法监听 {host}:{port}：{strerror}",
    "{advice} (rig file: {key})": "{advice}（台架文件：{key}）",
    "choose an address of this machine": "选择本机的地址",
    "stop the program that holds the port, or choose another port": "停止占用该端口的程序，或选择其他端口",
    "choose a port from 1024 on, or get the right to use this one": "选择 1024 及以上的端口，或取得使用该端口的权限",
    "cannot listen on {listen}: {strerror}": "无法监听 {listen}：{strerror}",
    "choose another --listen address": "选择其他 --listen 地址",
    "the secret of device {device_name} is not in the environment": "环境变量中没有设备 {device_name} 的密钥",
    "set the variable {variable}": "设置环境变量 {variable}",
    "the cloud is not running": "云端未运行",
    "start it first; report a defect if it was started": "请先启动；若已启动，请报告缺陷",
    "the cloud did not act within {deadline:g} s": "云端在 {deadline:g} s 内没有动作",
    "report this defect of the bench": "报告测试台的此缺陷",
    "an event could not be recorded: {why}": "有事件无法记录：{why}",
    "look after the disk under the run directory": "检查运行目录所在磁盘",
    "gateway or broker has stopped listening": "网关或服务器已停止监听",
    "the gateway failed: {why}": "网关出错：{why}",
    # Of brokers
    "the broker at {host}:{port} cannot be reached: {why}": "无法连接 {host}:{port} 的服务器：{why}",
    "the broker at {host}:{port} refuses the cloud client: {answer}": (
        "{host}:{port} 的服务器拒绝云端客户端：{answer}"
    ),
    "the broker at {host}:{port} does not serve: {reason}": "{host}:{port} 的服务器不可用：{reason}",
    "nobody listens there (connection refused)": "该处无人监听（连接被拒绝）",
    "that host name cannot be resolved ({why})": "主机名无法解析（{why}）",
    "what it answers is no MQTT: {why}": "其应答不是 MQTT：{why}",
    "it answers CONNECT with {packet}": "它以 {packet} 应答 CONNECT",
    "it refuses a client without user name by CONNACK {code} ({reason})": (
        "它以 CONNACK {code}（{reason}）拒绝没有用户名的客户端"
    ),
    "it closes the connection without a CONNACK": "它未发 CONNACK 即关闭连接",
    "no answer within {seconds:g} s": "{seconds:g} s 内没有应答",
    "start an MQTT 3.1.1 broker there that takes anonymous clients, or name another (rig file: cloud.broker)": (
        "在该处启动允许匿名登录的 MQTT 3.1.1 服务器，或指定其他服务器（台架文件：cloud.broker）"
    ),
    "cannot subscribe to {topic_filter}: {error_string}": "无法订阅 {topic_filter}：{error_string}",
    "the broker refuses the subscription to {topic_filter}": "服务器拒绝订阅 {topic_filter}",
    "cannot unsubscribe from {topic_filter}: {error_string}": "无法取消订阅 {topic_filter}：{error_string}",
    "cannot publish to {topic}: {why}": "无法向 {topic} 发布：{why}",
    "the broker does not acknowledge a message to {topic}": "服务器未确认发往 {topic} 的消息",
    "the cloud client got no {what} from the broker at {host}:{port} within {deadline:g} s": (
        "云端客户端在 {deadline:g} s 内未从 {host}:{port} 的服务器收到：{what}"
    ),
    "SUBACK for {topic_filter}": "{topic_filter} 的 SUBACK",
    "UNSUBACK for {topic_filter}": "{topic_filter} 的 UNSUBACK",
    "its own message": "自己的消息",
    "the cloud client lost its broker at {address}: {lost}": "云端客户端与服务器 {address} 断开：{lost}",
    "whoever runs the broker behind the gateway looks after it (rig file: cloud.broker)": (
        "请网关后方服务器的维护者处理（台架文件：cloud.broker）"
    ),
    "whoever runs that broker looks after it (rig file: cloud.broker)": (
        "请该服务器的维护者处理（台架文件：cloud.broker）"
    ),
    "the broker behind the gateway ({host}:{port}) {what}": "网关后方的服务器（{host}:{port}）{what}",
    "answers CONNECT with {packet}": "以 {packet} 应答 CONNECT",
    "cannot be reached: {why}": "无法连接：{why}",
    "does not answer CONNECT within {seconds:g} s": "在 {seconds:g} s 内未应答 CONNECT",
    "sends malformed packets: {why}": "发送畸形报文：{why}",
    "refuses the gateway's CONNECT with CONNACK {code}": "以 CONNACK {code} 拒绝网关的 CONNECT",
    "closes the gateway's connection without a CONNACK": "未发 CONNACK 即关闭网关的连接",
    "died": "已崩溃",
    # Of connections and of the platform
    (
        "connection {number} of the module was over {ago:.3f} s before the bench could act on it: ended by "
        "the {by} {how} ({reason})"
    ): ("模组的连接 {number} 在测试台对其操作之前 {ago:.3f} s 已经结束：由{by}{how}结束（{reason}）"),
    "connection {number} of the module is over": "模组的连接 {number} 已经结束",
    "module": "模组",
    "gateway": "网关",
    "broker": "服务器",
    "by {how}": "以 {how} ",
    "without a word": "不作任何说明地",
    "closed by the module": "由模组关闭",
    "reset by the module": "由模组复位",
    "closed by the broker": "由服务器关闭",
    "the gateway failed": "网关出错",
    "the gateway stops": "网关停止",
    "put away by the bench": "由测试台收尾",
    "made room for others: too many connections that are not the module's": "为其他连接让位：非模组的连接过多",
    "sends much without being the module": "并非模组却发送大量数据",
    "left open by the module after DISCONNECT [MQTT-3.14.4-1]": "模组在 DISCONNECT 之后未关闭连接 [MQTT-3.14.4-1]",
    "second login of the same device [MQTT-3.1.4-2]": "同一设备再次登录 [MQTT-3.1.4-2]",
    "the broker behind the gateway failed": "网关后方的服务器出错",
    "another protocol level [MQTT-3.1.2-2]": "协议级别不符 [MQTT-3.1.2-2]",
    "TLS handshake failed": "TLS 握手失败",
    "CONNACK {code}: {reason}": "CONNACK {code}：{reason}",
    "the link to the cloud broke off while nothing was asked of the module: {reason}": (
        "在未向模组发送命令时，其与云端的链路中断：{reason}"
    ),
    "the module talks to the platform directly (cloud.broker = aliyun): the bench sees no packets": (
        "模组直接与平台通信（cloud.broker = aliyun）：测试台看不到报文"
    ),
    "the platform at {host}:{port} refuses the login of {credential}: CONNACK {code}{answer}": (
        "{host}:{port} 的平台拒绝 {credential} 登录：CONNACK {code}{answer}"
    ),
    "operator: correct {variables} in the environment": "操作员：更正环境变量 {variables}",
    "lab: check this machine's way to the platform, and the rig file's cloud.endpoint and cloud.region": (
        "实验室：检查本机到平台的网络，以及台架文件的 cloud.endpoint 和 cloud.region"
    ),
    "the platform does not carry the topic {topic} between the two devices (docs/brokers.md)": (
        "平台不在两台设备之间转发主题 {topic}（docs/brokers.md）"
    ),
    "the platform keeps no retained messages": "平台不保存保留消息",
    "the platform keeps no retained messages (cloud.profile)": "平台不保存保留消息（cloud.profile）",
    "the platform does not carry a message from {sent_to} to {shown_on} unchanged": (
        "平台不能将消息从 {sent_to} 原样转发到 {shown_on}"
    ),
    "lab: set up the topics and rules of docs/brokers.md at the platform": (
        "实验室：按 docs/brokers.md 在平台上设置主题和规则"
    ),
    # Of the authority that the rig file keeps
    "{missing} is missing, but {path} exists": "缺少 {missing}，但 {path} 存在",
    "put it back, or delete {path}: both are made anew then, and the module has to be given the new one": (
        "将其放回，或删除 {path}：之后两者将重新生成，新证书须写入模组"
    ),
    (
        "put the right file there, or delete {certificate} and {private_key}: both are made anew then, and "
        "the module has to be given the new certificate"
    ): ("放入正确的文件，或删除 {certificate} 和 {private_key}：之后两者将重新生成，新证书须写入模组"),
    "{certificate} {flaw}": "{certificate} {flaw}",
    "is not valid before {day} (or this machine's clock is wrong)": "在 {day} 之前无效（或本机时钟有误）",
    "expired on {day}": "已于 {day} 过期",
    "expires on {day}, in less than {days} days": "将于 {day} 过期，剩余不足 {days} 天",
    "is not the certificate of an authority (CA:TRUE and the key usage keyCertSign)": (
        "不是 CA 证书（CA:TRUE 以及密钥用途 keyCertSign）"
    ),
    "{private_key} is not the private key of the certificate {path}": "{private_key} 不是证书 {path} 的私钥",
    "{private_key} is open to others than its owner (mode {mode:04o})": (
        "{private_key} 可被其所有者以外的用户访问（权限 {mode:04o}）"
    ),
    "chmod 600 {path}; if others may have read it, delete it and the certificate": (
        "chmod 600 {path}；若可能已被他人读取，请将其与证书一并删除"
    ),
    "{file} has just been made by another run": "{file} 刚由另一次运行生成",
    "run again: both files are there now": "重新运行：两个文件现已存在",
    "{file} cannot be written ({strerror})": "无法写入 {file}（{strerror}）",
    "name a place in {key} that exists and can be written to": "在 {key} 中指定存在且可写的位置",
    "{file} is no ordinary file": "{file} 不是普通文件",
    "name a file in {key}": "在 {key} 中指定文件",
    "{file} cannot be read ({strerror})": "无法读取 {file}（{strerror}）",
    "give the bench the right to read it": "授予测试台读取权限",
    "{certificate} is no certificate in PEM form": "{certificate} 不是 PEM 格式的证书",
    "{private_key} is no private key in PEM form without a password": "{private_key} 不是无密码的 PEM 格式私钥",
    "{certificate} cannot sign the gateway's certificates ({why})": "{certificate} 无法签发网关证书（{why}）",
    "{certificate} holds something else than a certificate, which would be overwritten": (
        "{certificate} 的内容不是证书，将会被覆盖"
    ),
    "name a file for the certificate alone, or delete that one": "为证书单独指定文件，或删除该文件",
}
