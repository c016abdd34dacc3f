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
    "expected.answers-other": Text("{line}: another answer than {than}", "{line}：应答不同于 {than}"),
    "expected.in-words": Text(
        "{line}: a final result code in words, OK or an error", "{line}：以文字给出的最终结果码，OK 或错误"
    ),
    "expected.informs": Text("{line}: one line that begins with {begins}", "{line}：恰好一行以 {begins} 开头"),
    "expected.shown": Text(
        "of {topic} shown once each, unchanged and in order: {payloads}",
        "主题 {topic} 的下行消息各上报一次，内容与顺序不变：{payloads}",
    ),
    "expected.nothing-shown": Text("no message of {topic} shown", "不上报主题 {topic} 的任何消息"),
    "expected.published": Text(
        "to {topic} published once each, unchanged and in order: {payloads}",
        "向主题 {topic} 各发布一次，内容与顺序不变：{payloads}",
    ),
    "expected.nothing-published": Text("no message published to {topic}", "不向主题 {topic} 发布任何消息"),
    "expected.came-online": Text("online at the gateway", "在网关处上线"),
    "expected.closed": Text("the connection at the gateway ends", "网关处的连接结束"),
    "expected.or": Text(" or ", " 或 "),
    "came.answer": Text("{lines} after {ms} ms", "{lines}，用时 {ms} ms"),
    "came.silence": Text("no final result code within {seconds} s", "{seconds} s 内没有最终结果码"),
    "came.silence-but": Text(
        "{lines}, and no final result code within {seconds} s", "{lines}，{seconds} s 内没有最终结果码"
    ),
    "came.messages": Text("messages: {payloads}", "消息：{payloads}"),
    "came.connection": Text("connection {number}: {events}", "连接 {number}：{events}"),
    "came.no-connection": Text("no connection came to the gateway", "没有连接到达网关"),
}
