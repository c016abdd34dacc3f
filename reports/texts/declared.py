"""The words about PICS, waivers and certification, and about what was not proven."""

from __future__ import annotations

from reports.texts.text import Text

DECLARED: dict[str, Text] = {
    "claim.module": Text("the declaration is made for this model", "声明所针对的模组型号"),
    "claim.firmware": Text("the declaration is made for this firmware", "声明所针对的固件版本"),
    "claim.tls": Text("sessions over TLS", "支持 TLS 会话"),
    "claim.verifies_certificates": Text("refuses servers with a wrong certificate", "拒绝证书有误的服务器"),
    "claim.lowest_tls_version": Text("lowest TLS version that it accepts", "接受的最低 TLS 版本"),
    "claim.regions": Text("takes this region", "接受该区域"),
    "claim.dynamic_registration": Text("registers itself with a ProductSecret alone", "仅凭 ProductSecret 动态注册"),
    "claim.dialect": Text("how it writes every error", "错误应答的写法"),
    "claim.error_codes": Text("shows error codes", "显示错误码"),
    "claim.lower_case_commands": Text("understands commands in lower case", "识别小写指令"),
    "claim.unquoted_strings": Text("takes strings without quotes", "接受不带引号的字符串"),
    "claim.non_ascii_identity": Text("takes identity values that are not ASCII", "身份参数接受非 ASCII 字符"),
    "claim.empty_identity": Text("an empty identity value clears the old one", "写入空值可清除身份参数"),
    "claim.port_0": Text("takes port 0", "接受端口 0"),
    "claim.largest_publish_payload": Text(
        "largest payload that it publishes, in bytes", "可发布的最大消息长度（字节）"
    ),
    "claim.largest_downlink_payload": Text(
        "largest payload that it shows whole, in bytes", "可完整显示的最大下行消息长度（字节）"
    ),
    "claim.empty_payload": Text("publishes empty payloads", "可发布空消息"),
    "claim.qos_2_subscribe": Text("takes subscriptions with QoS 2", "接受 QoS 2 订阅"),
    "claim.wildcard_subscribe": Text("takes wildcards in subscriptions", "订阅支持通配符"),
    "claim.waits_for_puback": Text(
        "says OK to a QoS 1 publish only after the acknowledgement", "QoS 1 发布在收到 PUBACK 后才返回 OK"
    ),
    "claim.republishes_with_dup": Text("sends an unacknowledged publish again, with DUP", "未确认的发布会带 DUP 重发"),
    "claim.automatic_reconnect": Text("connects again by itself after a drop", "断线后自动重连"),
    "claim.connects_at_power_up": Text("connects by itself at power-up", "上电后自动连接"),
    "claim.sleeps": Text("its serial line sleeps and eats the first bytes", "串口会休眠并吞掉最先收到的字节"),
    "claim.nothing-seen": Text("nothing", "无"),
    "claim.false": Text(
        "PICS {claim}: false: claimed {claimed}, seen {seen} ({requirement}: {what})",
        "PICS {claim}：不实：声明 {claimed}，实测 {seen}（{requirement}：{what}）",
    ),
    "claim.counts": Text("PICS {file}: {counts}", "PICS {file}：{counts}"),
    "claim-verdict.true": Text("true", "属实"),
    "claim-verdict.false": Text("false", "不实"),
    "claim-verdict.not checked": Text("not checked", "未核实"),
    "claim-verdict.not claimed": Text("not claimed", "未声明"),
    "announced.beside": Text(
        "{observed} -- announced by PICS claim {claims}", "{observed} -- PICS 声明 {claims} 已事先说明"
    ),
    "announced.line": Text("Announced by PICS claim {claim}: {ids}", "由 PICS 声明 {claim} 事先说明：{ids}"),
    "unproven.head": Text("Mandated requirements not proven ({count}):", "未获证明的强制要求（{count} 项）："),
    "unproven.cut": Text("{count} of its {of} tests left out: {why}", "{of} 个测试中有 {count} 个未运行：{why}"),
    "unproven.line": Text("  {ids}: {reason}", "  {ids}：{reason}"),
    "waiver.beside": Text("{observed} -- waived: {reason} ({ticket})", "{observed} -- 豁免：{reason}（{ticket}）"),
    "waiver.applied": Text(
        "Waiver {requirement}: applied: {reason} ({ticket}, owner {owner}, expires {expires})",
        "豁免单 {requirement}：已生效：{reason}（{ticket}，负责人 {owner}，有效期至 {expires}）",
    ),
    "waiver.not exercised": Text(
        "Waiver {requirement}: not exercised: this run does not judge the requirement in full",
        "豁免单 {requirement}：未触发：本次运行未完整判定该要求",
    ),
    "waiver.expired": Text(
        "Waiver {requirement}: expired on {expires}: prolong it, or remove it ({ticket}, owner {owner})",
        "豁免单 {requirement}：已于 {expires} 到期：请延期或删除（{ticket}，负责人 {owner}）",
    ),
    "waiver.stale": Text(
        "Waiver {requirement}: stale: the requirement did not fail: remove the waiver ({ticket}, owner {owner})",
        "豁免单 {requirement}：已失效：该要求并未不符合：请删除此豁免（{ticket}，负责人 {owner}）",
    ),
    "waiver.unmatched": Text(
        "Waiver {requirement}: unmatched: made for firmware {firmware}, and this is {revision}: correct or remove it",
        "豁免单 {requirement}：不匹配：针对固件 {firmware}，而当前固件为 {revision}：请更正或删除",
    ),
    "waiver.nobody": Text("nobody", "无"),
    "waiver.never": Text("never", "永不"),
    "certificate.granted": Text("Certificate: granted: {path}", "认证证书：已签发：{path}"),
    "certificate.simulator": Text(
        "The module is the suite's built-in simulator: this certifies no hardware.",
        "被测模组为测试套件内置模拟器：本证书不认证任何硬件。",
    ),
    "certificate.refused": Text("Certificate: none; missing: {count}", "认证证书：未签发：缺少 {count} 项"),
    "certificate.missing": Text("  {about}{verdict}: {reason}", "  {about}{verdict}：{reason}"),
    "certificate.cannot": Text(
        "--certify: no certificate can come of this run: {reason}", "--certify：本次运行无法签发证书：{reason}"
    ),
    "missing.not-asked": Text("the run was not made with --certify", "本次运行未使用 --certify"),
    "missing.died": Text("the run died before its end", "运行中途终止"),
    "missing.stopped": Text("the run was stopped (exit status {status})", "运行被停止（退出码 {status}）"),
    "missing.verdict": Text("the run's verdict is {verdict}", "运行判定为 {verdict}"),
    "missing.incident": Text("{text} -- {act}", "{text} -- {act}"),
    "missing.no-commit": Text(
        "the suite's commit is not known: run it from a git checkout, or from a wheel that was built in one",
        "测试套件提交未知：请在 git 检出目录中运行，或使用在检出目录中构建的 wheel",
    ),
    "missing.dirty": Text(
        "the suite has uncommitted changes: commit or remove them; where it is installed, install it again",
        "测试套件含未提交的修改：请提交或清除；若为安装版，请重新安装",
    ),
    "missing.profile": Text("profile {profile} leaves requirements out", "测试档 {profile} 未覆盖全部要求"),
    "missing.simulator-options": Text("the simulator was told to differ: {options}", "模拟器带有额外选项：{options}"),
    "missing.gateway": Text("the gateway did without {faults}", "网关缺少故障注入：{faults}"),
    "missing.part": Text("a part of the suite was run", "仅运行了部分测试套件"),
    "missing.not-run": Text("{count} of {of} tests did not run: {tests}", "{of} 个测试中有 {count} 个未运行：{tests}"),
    "missing.no-revision": Text("the module told no firmware revision", "模组未报告固件版本"),
    "missing.two-modules": Text("more than one module answered: {seen}", "应答的模组不止一个：{seen}"),
    "missing.waiver": Text("the waiver of {requirement} is {status}", "{requirement} 的豁免单状态为 {status}"),
    "missing.no-owner": Text("the waiver of {requirement} has no owner", "{requirement} 的豁免单没有负责人"),
    "missing.no-expiry": Text("the waiver of {requirement} does not expire", "{requirement} 的豁免单没有有效期"),
    "missing.claim": Text(
        "claim {claim} is false: claimed {claimed}, seen {seen}", "声明 {claim} 不实：声明 {claimed}，实测 {seen}"
    ),
}
