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
    "terminal.bench": Text("Bench: {text} -- {act}", "测试台：{text} -- {act}"),
    "terminal.resumed": Text(
        "Made in parts: gone on with at {at} UTC, {kept} tests of the part before keep their verdicts",
        "分段完成：于 {at} UTC 继续，前一段中 {kept} 个测试的判定保留",
    ),
    "terminal.incident": Text("BENCH ERROR: {text} -- {act}", "BENCH ERROR：{text} -- {act}"),
    "terminal.unwritable": Text("{file}: cannot be written: {why}", "{file}：无法写入：{why}"),
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
    # python -m reports review
    "review.not-proven": Text("not proven", "未证实"),
    "review.decided": Text(
        "{decided} of {count} items decided; the run: {outcome}", "{count} 项中已决定 {decided} 项；本次运行：{outcome}"
    ),
    "review.ask-item": Text("accept, reject, skip or quit", "接受（a）、不接受（r）、跳过（s）或退出（q）"),
    "review.ask-run": Text(
        "the run as a whole: accept, reject or leave it open", "整个运行：接受（a）、不接受（r）或暂不决定（l）"
    ),
    "review.ask-remark": Text("  remark: ", "  备注："),
    "review.ask-name": Text("your name: ", "您的姓名："),
    "review.interrupted": Text(
        "what was answered is kept; the same command goes on from there", "已回答的内容已保存；再次运行同一命令可继续"
    ),
    "terminal.verdict-of": Text("{verdict}: {text}", "{verdict}：{text}"),
    "terminal.see-findings": Text("see the findings", "见结论"),
    # junit.xml
    "junit.line": Text(
        "{title}: expected {expected}; observed {observed}", "{title}：预期 {expected}；实际 {observed}"
    ),
    "junit.detail": Text(
        "{verdict} {requirement}: {title}\n  expected: {expected}\n  observed: {observed}",
        "{verdict} {requirement}：{title}\n  预期: {expected}\n  实际: {observed}",
    ),
    "junit.more": Text("... and {count} more in the record", "……运行记录中另有 {count} 项"),
    "breach.head": Text("{verdict} {id} (manual {section}): {title}", "{verdict} {id}（手册 {section}）：{title}"),
    "breach.expected": Text("  expected: {words}", "  预期: {words}"),
    "breach.observed": Text("  observed: {words}", "  实际: {words}"),
    "breach.hex": Text("  hex: {hex}", "  hex: {hex}"),
    "breach.replay": Text("  replay: {lines}", "  重放: {lines}"),
    "terminal.report": Text("Report: {path}", "报告：{path}"),
    # pytest --check
    "check.line": Text("{outcome} {step}: {said}", "{outcome} {step}：{said}"),
    "check.ok": Text("ok", "正常"),
    "check.bad": Text("WRONG", "有误"),
    "check.not-checked": Text("not checked", "未检查"),
    "check.interrupted": Text("Interrupted", "已中断"),
    "check.ready": Text("Ready for a run", "可以运行"),
    "check.wrong": Text("Not ready: {count} wrong", "不能运行：{count} 处有误"),
    "check.needs": Text("because of {step}", "因“{step}”有误"),
    "check.rig-file": Text("rig file", "台架文件"),
    "check.rig-file.is": Text(
        "{path}: rig {name} at {url}, power {power}, broker {broker}",
        "{path}：台架 {name}，串口 {url}，电源 {power}，服务器 {broker}",
    ),
    "check.state": Text("state folder", "状态目录"),
    "check.disk": Text("disk", "磁盘"),
    "check.disk.is": Text(
        "{free} MiB free at {folder}, a full run takes some {needed} MiB",
        "{folder} 剩余 {free} MiB，一次完整运行约需 {needed} MiB",
    ),
    "check.port": Text("port", "串口"),
    "check.port.simulator": Text("the built-in simulator, private to the run", "内置模拟器，仅供本次运行使用"),
    "check.port.server": Text("{address}, a server over there", "{address}，由对端服务器提供"),
    "check.port.absent": Text(
        "{device} is not there yet: it may come with the power", "{device} 尚不存在，上电后可能出现"
    ),
    "check.lock": Text("lock", "独占"),
    "check.lock.free": Text("no other run and no other program has the port", "没有其他运行或程序占用串口"),
    "check.lock.simulator": Text("the built-in simulator needs none", "内置模拟器不需要"),
    "check.answer": Text("answer", "应答"),
    "check.answer.is": Text("AT is answered within {milliseconds} ms", "AT 在 {milliseconds} ms 内得到应答"),
    "check.module": Text("module", "模组"),
    "check.module.is": Text(
        "{model}, firmware {revision}, IMEI {serial_number}", "{model}，固件 {revision}，IMEI {serial_number}"
    ),
    "check.identity": Text("identity", "设备身份"),
    "check.identity.all": Text("all four values can be read", "四项均可读出"),
    "check.identity.part": Text("without a value: {names}; the others can be read", "没有值：{names}；其余可读出"),
    "check.power": Text("power", "电源"),
    "check.power.none": Text(
        "the rig has no power control: what needs it is NOT TESTED", "台架没有电源控制：相关要求为 NOT TESTED"
    ),
    "check.power.is": Text(
        "{driver}: off makes the module mute; off, on and its first answer took {seconds} s",
        "{driver}：断电后模组无应答；断电、上电到首次应答共 {seconds} s",
    ),
    "check.kept": Text("identity kept", "身份保持"),
    "check.kept.all": Text("the same values before and after", "断电前后一致"),
    "check.cloud": Text("cloud", "云端"),
    "check.cloud.gateway": Text(
        "the gateway listens at {listen} and {tls} (TLS), broker {broker}",
        "网关监听 {listen} 和 {tls}（TLS），服务器 {broker}",
    ),
    "check.cloud.platform": Text("the platform lets the bench in", "平台允许测试台登录"),
    "check.estimate": Text("full run", "完整运行"),
    "check.estimate.is": Text(
        "some {minutes} min, and {opens} min more for each second that the module takes to come online",
        "约 {minutes} 分钟；模组上线每需 1 秒，另加约 {opens} 分钟",
    ),
}
