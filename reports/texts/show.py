"""The words of ``python -m reports show`` and ``certify``."""

from __future__ import annotations

from reports.texts.text import Text

SHOW: dict[str, Text] = {
    "show.run": Text("Run on {rig}, begun {started}", "测试台 {rig} 上的运行，始于 {started}"),
    "show.module": Text("Firmware: {revision}", "固件：{revision}"),
    "show.verdict": Text("Verdict: {verdict}", "判定：{verdict}"),
    "show.died": Text("This run died: its record has no footer.", "本次运行中途终止：记录没有结尾。"),
    "show.unfinished": Text("unfinished", "未完成"),
    "show.incident": Text("Incident: {text} -- {act}", "事件：{text} -- {act}"),
    "show.judged-again": Text(
        "{again} of {all} judgements made again from the raw bytes", "{all} 项判定中有 {again} 项由原始字节重新得出"
    ),
    "show.again": Text("Again: {command}", "重新运行：{command}"),
    "show.more": Text(
        "More: python -m reports show RUN TEST, REQUIREMENT or the number of an event (#)",
        "更多：python -m reports show RUN 加测试名、要求编号或事件序号（#）",
    ),
    "show.diff-legend": Text(
        "Between 《 》, in hex between [ ]: what deviates; --: this side has no byte there.",
        "文本中 《 》、十六进制中 [ ] 之间为有差异处；-- 表示该侧无此字节。",
    ),
    "certify.lacks": Text("Missing for a certificate: {count}", "距离证书尚缺：{count} 项"),
    "certify.nothing": Text(
        "Nothing is missing but --certify: the same run made with it would be certified.",
        "除 --certify 外一无所缺：以此选项作同样的运行即可获得证书。",
    ),
}
