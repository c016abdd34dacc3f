"""The words about what was expected and what came, for judgements that are data."""

from __future__ import annotations

from reports.texts.text import Text

JUDGED: dict[str, Text] = {
    "expected.ok": Text("{line}: OK", "{line}：OK"),
    "expected.refused": Text("{line}: an error", "{line}：错误"),
    "expected.refused-with": Text("{line}: an error with code {codes}", "{line}：错误，错误码 {codes}"),
    "expected.refused-or-bare": Text(
        "{line}: an error with code {codes}, or one without a code", "{line}：错误，错误码 {codes} 或不带错误码"
    ),
    "expected.answered": Text("{line}: a final result code, OK or an error", "{line}：最终结果码，OK 或错误"),
    "expected.answered-within": Text(
        "{line}: a final result code within {seconds} s", "{line}：{seconds} s 内给出最终结果码"
    ),
    "expected.answers": Text("{line}: {values} and OK", "{line}：{values} 及 OK"),
    "expected.shown": Text(
        "downlink message of {topic} shown once and unchanged: {payload}",
        "主题 {topic} 的下行消息只上报一次且内容不变：{payload}",
    ),
    "expected.came-online": Text("online at the gateway", "在网关处上线"),
    "expected.closed": Text("the connection at the gateway ends", "网关处的连接结束"),
    "expected.or": Text(" or ", " 或 "),
    "came.answer": Text("{lines} after {ms} ms", "{lines}，用时 {ms} ms"),
    "came.silence": Text("no final result code within {seconds} s", "{seconds} s 内没有最终结果码"),
    "came.silence-but": Text(
        "{lines}, and no final result code within {seconds} s", "{lines}，{seconds} s 内没有最终结果码"
    ),
    "came.messages": Text("shown: {payloads}", "上报：{payloads}"),
    "came.no-message": Text("nothing of this topic was shown", "该主题没有任何上报"),
    "came.connection": Text("connection {number}: {events}", "连接 {number}：{events}"),
    "came.no-connection": Text("no connection came to the gateway", "没有连接到达网关"),
}
