"""Of a run, its disk, its programs, the module's own identity and the network."""

from __future__ import annotations

RUN: dict[str, str] = {
    "lab: free the disk under the run directory and run again": "实验室：清理运行目录所在磁盘，然后重新运行",
    "{path}: cannot write the run record: {why}": "{path}：无法写入运行记录：{why}",
    "{path}: cannot be written: {why}": "{path}：无法写入：{why}",
    "{run_dir}: this disk has {free} MB free, and a run may need {needed}": (
        "{run_dir}：磁盘剩余 {free} MB，一次运行可能需要 {needed} MB"
    ),
    "lab: free the disk, or name a directory on another one by --run-dir": (
        "实验室：清理磁盘，或用 --run-dir 指定其他磁盘上的目录"
    ),
    "{there} cannot be written to ({strerror})": "无法写入 {there}（{strerror}）",
    "lab: name another place with --run-dir": "实验室：用 --run-dir 指定其他位置",
    "lab: free the disk, or name another place with --run-dir": "实验室：清理磁盘，或用 --run-dir 指定其他位置",
    "{message} -- {act}": "{message} -- {act}",
    "{name}: {what}": "{name}：{what}",
    "the bench broke": "测试台故障",
    "a working bench": "测试台正常",
    "bench developers: this is a defect of the suite": "测试套件开发者：这是测试套件的缺陷",
    "bench developers: mend the test": "测试套件开发者：修正该测试",
    "the test evaluated no assertion": "测试没有作出任何判定",
    "an answer is read in two ways, {heard} and {read}: {lines}": "同一应答有两种解读，{heard} 与 {read}：{lines}",
    "{count} judgements cannot be made again from this record: {first}": (
        "{count} 项判定无法由本记录重新得出：{first}"
    ),
    "the run was interrupted by {what}": "运行被 {what} 中断",
    "the run was interrupted again, before the module was as it had been found": "在模组恢复原状之前，运行再次被中断",
    "operator: run again": "操作员：重新运行",
    "operator: let the next run come to its end": "操作员：让下一次运行完整结束",
    "pytest itself broke in mid-run": "pytest 自身在运行中出错",
    "bench developers: see the traceback that it has shown": "测试套件开发者：查看其显示的回溯信息",
    "the suite could not be collected": "无法收集测试套件",
    "bench developers: mend the test file that is named above": "测试套件开发者：修正上面指出的测试文件",
    "the bench could not be put away: {name}: {why}": "测试台无法收尾：{name}：{why}",
    "the simulator did not start: {complaint}": "模拟器未能启动：{complaint}",
    "the simulator no longer offers {port}": "模拟器不再提供 {port}",
    "the simulator's process ended in mid-run (status {status})": "模拟器进程在运行中结束（状态 {status}）",
    "bench developers: start python -m rigs.simulator by hand and see what it says": (
        "测试套件开发者：手动运行 python -m rigs.simulator 并查看其输出"
    ),
    "bench developers: see simulator.log in the run directory": "测试套件开发者：查看运行目录中的 simulator.log",
    "the run that is gone on with tested {before}, and on the rig is {owner}": (
        "被继续的运行测试的是 {before}，而台架上现为 {owner}"
    ),
    "operator: connect that module with that firmware, or begin a new run": (
        "操作员：接上装有该固件的该模组，或开始新的运行"
    ),
    "{address} is open in {holders}": "{address} 已被打开：{holders}",
    "{device} is not there": "{device} 不存在",
    "lab: check cable, adapter and the rig file's serial.url": "实验室：检查线缆、转接器和台架文件的 serial.url",
    "the module has stopped answering AT": "模组不再应答 AT",
    "lab: check cable and power, then the module": "实验室：检查线缆和供电，再检查模组",
    "no answer to the query of {name}": "查询 {name} 没有应答",
    "module vendor: it has to answer": "模组厂商：模组必须应答",
    "{lost} did not survive the power cycle": "{lost} 断电后未保持",
    "module vendor: a module has to keep them (PC-01, PC-02); set them anew before the module is used": (
        "模组厂商：模组必须保持这些值（PC-01、PC-02）；使用模组前请重新设置"
    ),
    "lab: check the disk and the file system under the run directory, then run again": (
        "实验室：检查运行目录所在的磁盘和文件系统，然后重新运行"
    ),
    (
        "the record is damaged behind line {line}: {zeros} zero bytes stand where {lost} events stood, "
        "and the {behind} lines behind them are not used"
    ): "记录在第 {line} 行之后损坏：原有 {lost} 个事件处为 {zeros} 个零字节，其后的 {behind} 行未采用",
    (
        "the record is damaged behind line {line}: {zeros} zero bytes stand where events stood, "
        "and the {behind} lines behind them are not used"
    ): "记录在第 {line} 行之后损坏：原有事件处为 {zeros} 个零字节，其后的 {behind} 行未采用",
    # Of the module's own identity
    "{name}: {doubt}": "{name}：{doubt}",
    "nothing to give back: no identity is kept for rig {rig} in {folder}": (
        "无需归还：{folder} 中没有台架 {rig} 的设备身份副本"
    ),
    "{owner} held since {since} UTC: {names}": "{owner}：自 {since} UTC 起保存了 {names}",
    "{names} was empty before and cannot be emptied again on this firmware": ("{names} 原先为空，此固件无法再将其清空"),
    "given back, and the copy erased": "已归还，副本已删除",
    "it cannot be read": "无法读出",
    "the module shows stars in its place": "模组以星号代替显示",
    "set to what it is, it does not come back the same, and may have changed": "按原值设置后查询结果不同，可能已改变",
    "a module that does not say who it is": "未报告自身信息的模组",
    "the module's own identity could not be given back after a run ({said})": (
        "运行后将无法归还模组自身的设备身份（{said}）"
    ),
    "the module's own identity could not be given back after a run ({said}); {state}": (
        "运行后将无法归还模组自身的设备身份（{said}）；{state}"
    ),
    "nothing was set": "未作任何设置",
    "nothing has changed": "没有任何改变",
    "what it showed before is kept: {path}": "此前读出的值已保存：{path}",
    "operator: run with --overwrite-identity if it may be lost": "操作员：若允许丢失，请加 --overwrite-identity 运行",
    "operator: run with {overwrite} if it may be lost": "操作员：若允许丢失，请加 {overwrite} 运行",
    "the module's own identity is overwritten for good ({said})": "模组自身的设备身份被永久覆盖（{said}）",
    "nobody: nothing is left to do": "无需处理",
    "the module has not got its own identity back{where} ({why})": "模组未取回自身的设备身份{where}（{why}）",
    ", a copy is kept: {path}": "，副本保存于 {path}",
    "it does not take {lost} back": "模组不接受写回 {lost}",
    "operator: python -m rigs restore {rig_argument}, or run again": (
        "操作员：运行 python -m rigs restore {rig_argument}，或重新运行测试"
    ),
    "{uncleared} was empty before the run and cannot be emptied again": "{uncleared} 在运行前为空，现无法再清空",
    "{path}: the module does not take {lost} back, which an earlier run had borrowed": (
        "{path}：模组不接受写回先前运行借用的 {lost}"
    ),
    "operator: set it by hand from this file, then remove the file": "操作员：按此文件手动设置，然后删除该文件",
    "the module got back what a run had borrowed on {kept} UTC": "模组已取回 {kept} UTC 的运行所借用的设备身份",
    "{path}: keeps the identity of another module ({module}) that was on this rig": (
        "{path}：保存着曾在此台架上的另一模组（{module}）的设备身份"
    ),
    "operator: connect it and run python -m rigs restore {rig_argument}": (
        "操作员：接上该模组并运行 python -m rigs restore {rig_argument}"
    ),
    "{path}: no copy of a module's identity: {wrong}": "{path}：不是模组设备身份的副本：{wrong}",
    "operator: mend it, or move it away if the module's identity is known from elsewhere": (
        "操作员：修复该文件；若模组的设备身份另有来源，可将其移走"
    ),
    "{folder}: the module's own identity cannot be kept here: {strerror}": (
        "{folder}：无法在此保存模组自身的设备身份：{strerror}"
    ),
    (
        "operator: let XDG_STATE_HOME name a folder that can be written, or run with --overwrite-identity if "
        "it may be lost"
    ): ("操作员：让 XDG_STATE_HOME 指向可写目录；若允许丢失，请加 --overwrite-identity 运行"),
    "{path}: the copy of an identity that was given back cannot be removed: {strerror}": (
        "{path}：设备身份已归还，但其副本无法删除：{strerror}"
    ),
    "operator: remove it by hand, it holds secrets": "操作员：手动删除，其中含有密钥",
    "the module at {address} is {owner}, and what is kept is another's: {kept}": (
        "{address} 上的模组为 {owner}，而保存的是其他模组的：{kept}"
    ),
    "operator: connect that module, or remove the file if its identity is known from elsewhere": (
        "操作员：接上该模组；若其设备身份另有来源，可删除该文件"
    ),
    "the module fell silent, {final}": "模组停止应答，{final}",
    "operator: restart the module and try again": "操作员：重启模组后再试",
    "the module does not take {lost} back": "模组不接受写回 {lost}",
    "operator: set it by hand from {path}, then remove that file": "操作员：按 {path} 手动设置，然后删除该文件",
    "{name} could not be brought back to its known value: {final}": "{name} 无法恢复为已知值：{final}",
    # Of the network
    "the test is tried again: {why}": "重试该测试：{why}",
    "nobody: the surroundings of the module": "无需处理：模组的周围环境",
    "lab: check SIM, antenna, signal and operator; if they are right, the module's vendor has to act": (
        "实验室：检查 SIM 卡、天线、信号和运营商；若均正常，则由模组厂商处理"
    ),
    "the module is not registered in any network, by its own word, for {limit:g} s": (
        "模组自称 {limit:g} s 内未注册到任何网络"
    ),
    "no network for {seconds:.1f} s ({told})": "无网络 {seconds:.1f} s（{told}）",
    "by the module's own word": "据模组自身报告",
    "nothing came to the gateway": "网关未收到任何数据",
    "the module had lost its network: +CEREG, +CREG or +CGATT says so": (
        "模组曾失去网络：由 +CEREG、+CREG 或 +CGATT 报告"
    ),
    "the module stays in a session that is none any more: its power was cut for the tests that follow": (
        "模组停留在已不存在的会话中：为后续测试已将其断电"
    ),
    "no connection of the module has ever reached the gateway at {host}:{port}": (
        "模组的连接从未到达 {host}:{port} 的网关"
    ),
    "lab: check the way from the module to the gateway (DNS override, APN, rig file's cloud.listen)": (
        "实验室：检查模组到网关的通路（DNS 重定向、APN、台架文件的 cloud.listen）"
    ),
}
