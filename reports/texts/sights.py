"""The words about what was expected to be seen at the gateway, and what was."""

from __future__ import annotations

from reports.texts.text import Text

SIGHTS: dict[str, Text] = {
    "expected.logged-in": Text("a login that the platform accepts", "平台接受的登录"),
    "expected.logged-in-mode": Text(
        "a login that the platform accepts, with securemode={mode}", "平台接受的登录，securemode={mode}"
    ),
    "expected.logged-in-user": Text(
        "a login as {user} that the platform accepts", "平台接受的、以 {user} 为用户名的登录"
    ),
    "expected.logged-in-user-mode": Text(
        "a login as {user} that the platform accepts, with securemode={mode}",
        "平台接受的、以 {user} 为用户名的登录，securemode={mode}",
    ),
    "expected.online-over-tls": Text("online over TLS", "经 TLS 上线"),
    "expected.online-plain": Text("online without TLS", "不经 TLS 上线"),
    "expected.clean-session": Text("CONNECT with clean_session={clean}", "CONNECT 中 clean_session={clean}"),
    "expected.keep-alive": Text(
        "CONNECT with a keep-alive of {least} to {most} s", "CONNECT 中的心跳间隔为 {least} 至 {most} s"
    ),
    "expected.subscribed": Text("SUBSCRIBE to {topic} with QoS {qos}", "以 QoS {qos} 对 {topic} 发出 SUBSCRIBE"),
    "expected.granted": Text("a subscription to {topic} at the broker", "服务器上有对 {topic} 的订阅"),
    "expected.unsubscribed": Text("UNSUBSCRIBE of {topic}", "对 {topic} 发出 UNSUBSCRIBE"),
    "expected.sent-with": Text(
        "PUBLISH to {topic} with QoS {qos}, retain off", "对 {topic} 的 PUBLISH 带 QoS {qos}，retain 为 0"
    ),
    "expected.first-delivery": Text(
        "no DUP on the first delivery to {topic} (MQTT-3.3.1-1)", "对 {topic} 首次发送时 DUP 为 0（MQTT-3.3.1-1）"
    ),
    "expected.acknowledged": Text(
        "PUBACK for each message of {topic} with QoS 1", "对主题 {topic} 的每条 QoS 1 消息发出 PUBACK"
    ),
    "expected.disconnected": Text("DISCONNECT before the end of the TCP connection", "TCP 连接结束之前发出 DISCONNECT"),
    "expected.not-ended": Text("the module does not end the connection", "被测模组不结束该连接"),
    "expected.still-online": Text("the same session is still up", "同一会话仍然在线"),
    "expected.nothing-plain": Text("no login over plain TCP", "没有不经 TLS 的登录"),
    "expected.unquoted": Text(
        "of {topic} shown without quotes round topic or payload", "上报 {topic} 的消息时主题与内容不带引号"
    ),
    "expected.arrived": Text("{payload} published to {topic}", "向 {topic} 发布 {payload}"),
    "came.no-connect": Text("no CONNECT", "没有 CONNECT"),
    "came.login-accepted": Text("accepted, securemode={mode}", "已接受，securemode={mode}"),
    "came.login-accepted-of": Text("accepted as {user}, securemode={mode}", "已接受，用户名 {user}，securemode={mode}"),
    "came.login-refused": Text("not accepted, securemode={mode}: {reason}", "未接受，securemode={mode}：{reason}"),
    "came.online-over": Text("over TLS: {tls}; online: {online}", "经 TLS：{tls}；上线：{online}"),
    "came.value": Text("{value}", "{value}"),
    "came.qos": Text("asked for with QoS: {values}", "所请求的 QoS：{values}"),
    "came.codes": Text("return codes: {values}", "返回码：{values}"),
    "came.flags": Text("QoS and retain: {values}", "QoS 与 retain：{values}"),
    "came.times": Text("times: {count}", "次数：{count}"),
    "came.acknowledged": Text(
        "messages: {count}, identifiers without PUBACK: {missing}", "消息数：{count}，未确认的报文标识符：{missing}"
    ),
    "came.not-ended": Text("the connection has not ended", "连接没有结束"),
    "came.ended-by": Text("ended by: {party}", "结束方：{party}"),
    "came.disconnect": Text("DISCONNECT seen: {seen}", "收到 DISCONNECT：{seen}"),
    "came.still-online": Text("online: {online}", "在线：{online}"),
    "came.connections": Text("connections: {numbers}", "连接：{numbers}"),
    "came.quoted": Text("lines: {lines}, with quotes: {quoted}", "行数：{lines}，带引号：{quoted}"),
    "came.nothing": Text("none", "无"),
    "party.module": Text("the module", "被测模组"),
    "party.gateway": Text("the gateway", "网关"),
    "party.broker": Text("the broker", "服务器"),
    "said.yes": Text("yes", "是"),
    "said.no": Text("no", "否"),
}
