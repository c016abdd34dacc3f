"""The words of the terminal summary."""

from __future__ import annotations

from reports.texts.text import Text

TERMINAL: dict[str, Text] = {
    "terminal.header": Text("conformance", "一致性测试"),
    "terminal.verdict": Text("Verdict: {verdict} ({meaning})", "判定：{verdict}（{meaning}）"),
    "terminal.counts": Text("Requirements: {counts}", "要求：{counts}"),
    "terminal.concern": Text(
        "{requirement} {verdict}: expected {expected}; observed {observed}",
        "{requirement} {verdict}：预期 {expected}；实际 {observed}",
    ),
    "terminal.cut": Text("Planned and done: {cut}", "计划与完成：{cut}"),
    "terminal.surroundings": Text("Surroundings: {text} ({when})", "周围环境：{text}（{when}）"),
    "terminal.incident": Text("BENCH ERROR: {text} -- {act}", "BENCH ERROR：{text} -- {act}"),
    "act.disk": Text(
        "lab: free or repair the disk under the run directory, then rebuild the report from its record",
        "请实验室清理或修复运行目录所在磁盘，然后由运行记录重新生成报告",
    ),
    "terminal.left-out": Text(
        "Not tested: --profile {profile} leaves out every test of {files}; for these choose --profile {wider}",
        "未测试：--profile {profile} 不包含 {files} 的任何测试；要运行请选择 --profile {wider}",
    ),
    "terminal.not-selected": Text(
        "Not tested: none of the {count} tests collected was selected", "未测试：收集到的 {count} 个测试均未选中"
    ),
    "terminal.more": Text("... and {count} more", "……另有 {count} 项"),
    "terminal.report": Text("Report: {path}", "报告：{path}"),
}
