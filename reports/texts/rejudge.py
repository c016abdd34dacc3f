"""The words of ``python -m reports rejudge``."""

from __future__ import annotations

from reports.texts.text import Text

REJUDGE: dict[str, Text] = {
    "rejudge.catalogue": Text("Judged by catalogue {hash}: {where}", "按要求目录 {hash} 重新判定：{where}"),
    "rejudge.installed": Text("that of the installed suite", "已安装套件的目录"),
    "rejudge.run": Text(
        "{path}: {rig}, firmware {firmware}, {started}: {then} -> {now}; {reach}",
        "{path}：{rig}，固件 {firmware}，{started}：{then} -> {now}；{reach}",
    ),
    "rejudge.reach": Text(
        "{again} of {all} judged anew, {otherwise} otherwise",
        "{all} 项判定中 {again} 项重新作出，{otherwise} 项有变化",
    ),
    "rejudge.called": Text("{id} (then {called})", "{id}（当时为 {called}）"),
    "rejudge.not-proven": Text("{verdict}, not proven", "{verdict}，未获证明"),
    "rejudge.none": Text("none", "无"),
    "rejudge.level": Text("level {then} -> {now}", "级别 {then} -> {now}"),
    "rejudge.bound": Text(
        "bound {name} {then} -> {now}: {came} s measured{count}", "界限 {name} {then} -> {now}：实测 {came} s{count}"
    ),
    "rejudge.minimum": Text(
        "least number {name} {then} -> {now}: {came} done{count}",
        "最少次数 {name} {then} -> {now}：实际完成 {came}{count}",
    ),
    "rejudge.code-rule": Text(
        "code rule {name} {then} -> {now}: {came} came{count}",
        "错误码规则 {name} {then} -> {now}：实际为 {came}{count}",
    ),
    "rejudge.ruling": Text(
        "ruling {name}: a breach is {then} -> {now}{count}", "裁定 {name}：不符时判为 {then} -> {now}{count}"
    ),
    "rejudge.by-level": Text("what the level says", "按级别"),
    "rejudge.contradiction": Text(
        "the record says {then}, and its own evidence gives {now}{count}",
        "记录写为 {then}，而其自身证据得出 {now}{count}",
    ),
    "rejudge.not-told": Text(
        "recorded in words while it was open, which do not tell whether it was kept{count}",
        "当时为开放要求，只以文字记录，不能说明是否符合{count}",
    ),
    "rejudge.new": Text("new: the run has nothing on it", "新增：本次运行没有相关内容"),
    "rejudge.gone": Text("gone: nothing demands it any more", "已移除：不再有此要求"),
    "rejudge.count": Text(" ({count} judgements)", "（{count} 项判定）"),
    "rejudge.waiver": Text("waiver of {name}: {then} -> {now}", "{name} 的豁免：{then} -> {now}"),
    "rejudge.claim": Text("claim {name}: {then} -> {now}", "声明 {name}：{then} -> {now}"),
    "rejudge.lie": Text(
        "the record contradicts itself: event {seq} says {says} for {requirement}, and what it rests on gives {gives}",
        "记录自相矛盾：事件 {seq} 对 {requirement} 写为 {says}，而其依据得出 {gives}",
    ),
    "rejudge.footer": Text(
        "the record contradicts itself: its last line says {footer}, and its findings give {then}",
        "记录自相矛盾：末行写为 {footer}，而其各项判定得出 {then}",
    ),
    "rejudge.misapplied": Text(
        "the record contradicts itself: event {seq} judges {requirement} by {names}, which its catalogue has otherwise",
        "记录自相矛盾：事件 {seq} 按 {names} 判定 {requirement}，而其目录所载不同",
    ),
    "rejudge.more": Text("and {count} more of this kind", "另有 {count} 项同类情况"),
    "rejudge.in-words": Text(
        "not anew: {in_words} told in words only, {masked} whose evidence is masked",
        "未能重新作出：仅以文字说明 {in_words} 项，证据被遮盖 {masked} 项",
    ),
    "rejudge.unnamed": Text(
        "as applied then: {count} rest on a rule, a bound or a ruling that the record does not name",
        "按当时的参数重新作出：{count} 项所依据的规则、界限或裁定在记录中没有名称",
    ),
    "rejudge.unknown": Text(
        "as applied then: {count} rest on a name that this catalogue does not hold",
        "按当时的参数重新作出：{count} 项所依据的名称不在此目录中",
    ),
    "rejudge.counts-unnamed": Text(
        "minimum as then: {count} of {all} counts of steps rest on no bound that both catalogues hold",
        "最少次数沿用当时数值：{all} 项步数统计中有 {count} 项不依据两份目录共有的界限",
    ),
    "rejudge.unsaid": Text(
        "bound {name} {then} -> {now}: {count} judgements on its requirements do not say whether they rest on it",
        "界限 {name} {then} -> {now}：其所涉要求的 {count} 项判定未说明是否依据此界限",
    ),
    "rejudge.total": Text(
        "{otherwise} of {runs} runs otherwise, {not_read} not judged",
        "{runs} 次运行中 {otherwise} 次有变化，{not_read} 次未能判定",
    ),
    "rejudge.total-reach": Text(
        "{reach}; {unnamed} by what their records do not name, {in_words} told in words only, {masked} masked",
        "{reach}；依据在记录中没有名称 {unnamed} 项，仅以文字说明 {in_words} 项，被遮盖 {masked} 项",
    ),
}
