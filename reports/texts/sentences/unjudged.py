"""Why something was not judged (INCONCLUSIVE and NOT TESTED), and judgements that are told in words alone."""

from __future__ import annotations

UNJUDGED: dict[str, str] = {
    "not judged": "未判定",
    "a judgement": "作出判定",
    "not visible": "不可见",
    "a visible outcome": "可见的结果",
    "the module restarted by itself": "模组自行重启",
    "no restart that nobody ordered": "没有未经指令的重启",
    "the module floods the line": "模组大量发送数据",
    "no more than {bytes} bytes that answer nothing, line ends counted for more": (
        "不对应任何命令的数据不超过 {bytes} 字节，行结束符按更多字节计"
    ),
    "{cause}; so it was when the test was tried again": "{cause}；重试该测试时仍然如此",
    "no query of a value that was set was answered OK in this run": "本次运行中没有任何已设置值的查询以 OK 应答",
    "the connection did not end": "连接未结束",
    "the malformed line was accepted, which other tests judge": "格式错误的命令行被接受，由其他测试判定",
    "the part before": "前一段",
    "a judgement of all exchanges of the run": "对运行中全部命令交互的判定",
    "the run that was gone on with ended before its exchanges were judged as a whole": (
        "被继续的运行在对其命令交互作整体判定之前已结束"
    ),
    # What could not be provoked or seen
    "{line} met with silence while the test was being arranged; {sentence}": (
        "在准备测试时 {line} 未得到应答；{sentence}"
    ),
    "{line} was answered {final} while the test was being arranged": "在准备测试时 {line} 的应答为 {final}",
    "silence while the session was being arranged; {sentence}": "在建立会话时没有应答；{sentence}",
    "{line} was answered {final}": "{line} 的应答为 {final}",
    "{line} was answered {final}: the value is hidden": "{line} 的应答为 {final}：无法看到其值",
    "the error to {line} carries no code, so that its code cannot be checked": (
        "{line} 的错误应答不带错误码，无法核对错误码"
    ),
    "{name} returns none of {count} legal values that it was set to": "{name} 对 {count} 个合法设置值均不返回原值",
    "{name} does not return what it was set to, so nothing can happen to that value": (
        "{name} 不返回所设置的值，因此无从观察该值的变化"
    ),
    "{name} cannot be cleared on this firmware, so its absence cannot be provoked": (
        "此固件上 {name} 无法清除，因此无法造成其缺失"
    ),
    "{wrong} cannot be given the value that the login needs": "{wrong} 无法设置为登录所需的值",
    "the query of {name} gives no integers": "查询 {name} 未返回整数",
    "the module restarts all the time, {count} times in this run": "模组不断重启，本次运行中已 {count} 次",
    "the module did not come online: OPEN was answered {final}": "模组未上线：OPEN 的应答为 {final}",
    "the module did not come online over TLS: OPEN was answered {final}": (
        "模组未能通过 TLS 上线：OPEN 的应答为 {final}"
    ),
    "no CONNECT came to the gateway; OPEN was answered {final}": "网关未收到 CONNECT；OPEN 的应答为 {final}",
    "no login reached the cloud, so none was refused; OPEN was answered {final}": (
        "没有登录到达云端，因此无从拒绝；OPEN 的应答为 {final}"
    ),
    "OPEN was answered OK, but the module did not come online": "OPEN 的应答为 OK，但模组未上线",
    "CLOSE did not end the connection; CL-01 says so": "CLOSE 未结束连接；见 CL-01",
    "the module does not come online over TLS, so nothing can be sent over it": (
        "被测模组未能通过 TLS 上线，因此无法经由它收发"
    ),
    "the module had loaded its stored profile, which shows no codes of errors": (
        "被测模组加载了已保存的配置，该配置下错误不带错误码"
    ),
    "the connection did not end, so nothing can be sent meanwhile": "连接没有结束，因此无法在断开期间发送",
    "SUB was answered OK, but no subscription reached the broker; SU-01 judges that": (
        "SUB 的应答为 OK，但服务器未收到订阅；由 SU-01 判定"
    ),
    "no SUBSCRIBE reached the broker, so none was refused": "没有 SUBSCRIBE 到达服务器，因此无从拒绝",
    "the broker passed no message on to the module: its subscription does not stand": (
        "服务器没有向模组转发消息：其订阅不存在"
    ),
    "a later message did not arrive either, so what has arrived need not be all": (
        "之后的消息也未到达，因此已到达的未必是全部"
    ),
    "a later message was not shown either, so an absence proves nothing": (
        "之后的消息也未上报，因此未出现不能证明什么"
    ),
    "no message with QoS 1 went to the module: there is none to acknowledge": (
        "没有 QoS 1 消息发往模组：没有可确认的消息"
    ),
    "ProductSecret cannot be cleared, so a login without it cannot be seen": (
        "ProductSecret 无法清除，因此无法观察不带它的登录"
    ),
    "{name} did not return what it was set to, so nothing of it can survive": (
        "{name} 未返回所设置的值，因此无从观察其断电保持"
    ),
    "{name} held its defaults before the power cycle already": "{name} 在断电前已是默认值",
    "the line was accepted, so nothing can be said of a refused one": "该命令行被接受，因此无从判断被拒绝的命令行",
    "the line was accepted, which other requirements judge: there is no code to look at": (
        "该命令行被接受（由其他要求判定）：没有错误码可看"
    ),
    "no command of the manual was refused in this run": "本次运行中手册的命令均未被拒绝",
    "no command was sent in this run": "本次运行没有发送命令",
    "the query that a second final result code would stand out against does not work": (
        "用于辨别第二个最终结果码的查询不可用"
    ),
    "not even one {character} is accepted, so nothing can be said of how it is counted": (
        "连单个 {character} 也不被接受，因此无从判断其如何计数"
    ),
    "the module broke off the handshake ({given_up}): load into it {certificate}": (
        "模组中断了握手（{given_up}）：请将以下证书写入模组：{certificate}"
    ),
    "this run's {file}; cloud.ca_file and cloud.ca_key_file of the rig file keep one for every run": (
        "本次运行的 {file}；在台架文件中设置 cloud.ca_file 和 cloud.ca_key_file 可供每次运行使用同一证书"
    ),
    "{file}, which serves every run on this rig": "{file}，供此台架的每次运行使用",
    "{answer} sent no {packet}, so nothing broke": "{answer} 没有发出 {packet}，因此没有任何中断",
    "the cloud did not end the module's session when another client took its identity": (
        "另一客户端使用模组身份登录时，云端没有结束模组的会话"
    ),
    "CONNECT announced no keep-alive, so there is none to hold": "CONNECT 未声明保活时间，因此无需保持",
    "no malformed packet went to the module": "没有畸形报文发往模组",
    "the module sent no PINGREQ that could be answered; NW-01 judges that": (
        "模组没有发送可应答的 PINGREQ；由 NW-01 判定"
    ),
    "the module sent no packet in this run; OP-01 says why": "本次运行中模组没有发送报文；原因见 OP-01",
    # What was not tested
    "the rig has no power control (power.driver is none)": "台架没有电源控制（power.driver 为 none）",
    "region 0 and port {printed} do not lead to the cloud of this rig (cloud.listen)": (
        "区域 0 和端口 {printed} 不能到达此台架的云端（cloud.listen）"
    ),
    "this run does without the gateway's fault {fault}": "本次运行不使用网关故障 {fault}",
    "the module was given up: {message}": "已放弃该模组：{message}",
    "the rig is lost: {message}": "台架已失效：{message}",
    "the time limit of the run was reached in the middle of the test": "测试进行中达到运行的时间上限",
    "answers have become too slow to go on with the test": "应答过慢，无法继续该测试",
    "no value is returned as it was set, so nothing shows what a line has done to it": (
        "没有任何值按设置的内容返回，因此无从得知命令行对它的影响"
    ),
    # Judgements whose expectation is no data
    "observed": "观察",
    "recorded only": "仅作记录",
    "no answers {factor:g} times, and {milliseconds} ms, slower than at first": (
        "应答不比最初慢 {factor:g} 倍且慢 {milliseconds} ms"
    ),
    "quickest three answers of each part in ms: {parts}": "各部分最快三次应答的用时（ms）：{parts}",
    "{count}: {restarts}": "{count}：{restarts}",
    "none": "无",
    "no restart that nobody ordered, in the whole run": "整个运行中没有未经指令的重启",
    "more than {allowed:.2f} s": "超过 {allowed:.2f} s",
    "{gap:.2f} s": "{gap:.2f} s",
    "{silence}; the connection ended: {end}": "{silence}；连接结束：{end}",
    "never more than {allowed:.2f} s without a packet ({announced} s announced)": (
        "没有报文的时间不超过 {allowed:.2f} s（声明 {announced} s）"
    ),
    "every packet": "全部报文",
    "{count} of {packets} packets are not; {breaches}": "{packets} 个报文中有 {count} 个不合规；{breaches}",
    "every packet that the module sends is valid MQTT 3.1.1": "模组发出的每个报文都符合 MQTT 3.1.1",
    "{payload} arrives": "{payload} 到达",
}
