"""Of the serial port, the dialogue with the module, its power and its restarts."""

from __future__ import annotations

LINE: dict[str, str] = {
    "{text}": "{text}",
    "serial port {port} was lost {when}: {lost}": "串口 {port} {when}丢失：{lost}",
    "while waiting for a line": "在等待数据行时",
    "while writing": "在写入时",
    "while waiting for an answer": "在等待应答时",
    "while the module was expected to come up": "在等待模组启动时",
    "serial port {port} was lost ({reason}) and reopened": "串口 {port} 丢失（{reason}）后已重新打开",
    "{check_cable}, unless it is the module's own and went with a restart, which is told then": (
        "{check_cable}；若该串口由模组自身提供并随重启消失，则另有说明"
    ),
    "lab: check the cable, the adapter and the rig file's serial.url": (
        "实验室：检查线缆、转接器和台架文件的 serial.url"
    ),
    "the module floods the line with what answers nothing: {received} bytes so far, the last of them {latest}": (
        "模组在串口上大量发送不对应任何命令的数据：至今 {received} 字节，最后为 {latest}"
    ),
    "module vendor: see the transcript, which holds the beginning of the flood": (
        "模组厂商：查看通信记录，其中保留了这些数据的开头"
    ),
    "no final result within {seconds:.1f} s{only}{gone}": "{seconds:.1f} s 内没有最终结果码{only}{gone}",
    ", only {glimpse}{more}": "，仅收到 {glimpse}{more}",
    " and {count} bytes more": " 及另外 {count} 字节",
    "; the port went away meanwhile and came back": "；其间串口消失后又恢复",
    "{spelling} (code {code})": "{spelling}（错误码 {code}）",
    "no byte came": "没有收到任何字节",
    "{count} bytes came, none of them an answer; the last of them: {latest}": (
        "收到 {count} 字节，均非应答；最后为：{latest}"
    ),
    "{count} bytes came that are no text, as with a wrong baud rate; the last of them: {latest}": (
        "收到 {count} 字节，不是文本，疑为波特率有误；最后为：{latest}"
    ),
    "the module on {port} does not answer AT: {what_came}": "{port} 上的模组不应答 AT：{what_came}",
    "lab: check cable, power and baud rate": "实验室：检查线缆、供电和波特率",
    "serial port {address} is in use by another run: {holder}": "串口 {address} 正被另一次运行占用：{holder}",
    "rig {rig}, pid {pid}, run directory {run_dir}": "台架 {rig}，进程号 {pid}，运行目录 {run_dir}",
    "one that is only beginning or ending": "该运行正在开始或结束",
    "operator: wait until that run has ended, or stop it": "操作员：等待该运行结束，或将其停止",
    "the lock {path} cannot be taken: {why}": "无法取得锁 {path}：{why}",
    "{directory} cannot be made: {why}": "无法创建 {directory}：{why}",
    "{directory} does not belong to this user alone": "{directory} 并非仅属当前用户",
    "lab: remove {directory}, where this suite keeps its lock files, and run again": (
        "实验室：删除测试套件存放锁文件的目录 {directory}，然后重新运行"
    ),
    "another program (which one, this user may not see: try sudo fuser -v)": (
        "另一个程序（当前用户无权查看是哪一个，可试 sudo fuser -v）"
    ),
    "a program that has closed it again": "一个已将其关闭的程序",
    "is open in": "现被",
    "was open for {seconds:.1f} s in": "曾在 {seconds:.1f} s 内被",
    "serial port {device} {open_in} {holder} as well, which takes bytes of the answers away": (
        "串口 {device} {open_in}其他程序同时打开：{holder}，应答中的字节会被其取走"
    ),
    "another program had the serial port open as well, for {seconds:.1f} s: {holder}": (
        "另有程序同时打开串口 {seconds:.1f} s：{holder}"
    ),
    "lab: close the program that has the port open (docs/ports.md), then run again": (
        "实验室：关闭占用串口的程序（docs/ports.md），然后重新运行"
    ),
    "lab: close the program that uses the port over there, or end the other run (docs/ports.md)": (
        "实验室：关闭对端占用串口的程序，或结束另一次运行（docs/ports.md）"
    ),
    "serial port {url} is in use by {who}": "串口 {url} 被占用：{who}",
    "serial port {url} cannot be opened: {reason}": "无法打开串口 {url}：{reason}",
    "serial port {url} cannot be opened: {ended}{said}": "无法打开串口 {url}：{ended}{said}",
    "serial port {url} cannot be opened: its server does not confirm the state of DTR and RTS": (
        "无法打开串口 {url}：对端服务器不确认 DTR 和 RTS 的状态"
    ),
    "lab: put ?ign_set_control behind host and port in the rig file's serial.url": (
        "实验室：在台架文件 serial.url 的主机和端口之后加上 ?ign_set_control"
    ),
    "the other end closed the connection": "对端关闭了连接",
    "the other end does not answer any more": "对端不再应答",
    "{ended}; all that it said was {remark}": "{ended}；对端只发来 {remark}",
    ", saying {remark}": "，并发来 {remark}",
    " at once": "（立即）",
    "closed": "已关闭",
    "{line} is the echo of a command line that this run did not send": "{line} 是本次运行未发送过的命令行的回显",
    "{line} answers a command that this run did not send": "{line} 应答的是本次运行未发送过的命令",
    "{line} has lost bytes on the way: it came whole before, as {whole}": (
        "{line} 在途中丢失了字节：此前完整收到过 {whole}"
    ),
    "somebody else talks to the module on {port}: {said}": "另有程序在 {port} 上与模组通信：{said}",
    # Of power and restarts
    "{key} command did not end within {seconds:g} s and was killed": "{key} 命令在 {seconds:g} s 内未结束，已被终止",
    "{key} command exited with {status}: ({printed})": "{key} 命令退出码为 {status}：（{printed}）",
    "it printed nothing": "没有输出",
    "lab: run the command of the rig file's {key} by hand and mend it": "实验室：手动执行台架文件 {key} 的命令并修正",
    "the simulator's control line did not take {request}: {why}": "模拟器的控制通道未接受 {request}：{why}",
    "the simulator answered {answer} to {request}": "模拟器对 {request} 应答 {answer}",
    "bench developers: the simulator's process ended; see its output in the run directory": (
        "测试套件开发者：模拟器进程已结束，查看运行目录中的输出"
    ),
    "the rig has no power control": "台架没有电源控制",
    "lab: set power.driver in the rig file": "实验室：在台架文件中设置 power.driver",
    "power.off did nothing: the module still answers after {off_seconds:g} s without power": (
        "power.off 没有起作用：断电 {off_seconds:g} s 后模组仍有应答"
    ),
    "lab: check that the rig file's power.off switches this module's supply": (
        "实验室：检查台架文件的 power.off 是否控制本模组的供电"
    ),
    "the module restarted by itself about {command}: {signs}": "模组在 {command} 前后自行重启：{signs}",
    "the module restarted by itself while it owed an answer to {command}: {signs}": (
        "模组在尚未应答 {command} 时自行重启：{signs}"
    ),
    "a line that it says only at power-up": "出现只在上电时输出的行",
    "the echo is on again": "回显重新打开",
    "+CMEE is back to another value": "+CMEE 变回其他值",
    "all settings that power-up resets are reset": "上电时复位的设置均已复位",
    "its port went away and came back": "其串口消失后又恢复",
    "its session at the gateway ended without DISCONNECT": "其在网关处的会话未发 DISCONNECT 即结束",
    "a command met with silence": "有命令未得到应答",
    "module vendor: see the transcript": "模组厂商：查看通信记录",
    "the module answered AT afterwards": "此后模组应答了 AT",
    "the module answered again only after a power cycle": "断电并重新上电后模组才恢复应答",
    "the answer came later": "应答随后到达",
    "one command met with silence; the module answers AT": "一条命令未得到应答；模组应答 AT",
    "{shown} came after {seconds:.1f} s; AT takes {ms:.1f} ms on this line": (
        "{shown} 在 {seconds:.1f} s 后到达；此串口上 AT 用时 {ms:.1f} ms"
    ),
    "an answer came after its deadline, {shown} after {seconds:.1f} s; the line is not slow": (
        "应答超过时限才到达：{shown}，用时 {seconds:.1f} s；串口本身不慢"
    ),
    "an answer came after its deadline ({shown} after {seconds:.1f} s), and AT takes {measured} as well": (
        "应答超过时限才到达（{shown}，用时 {seconds:.1f} s），AT 同样缓慢：{measured}"
    ),
    "no answer": "没有应答",
    "lab: look for a slow line or adapter; if the module itself is that slow, its vendor has to act": (
        "实验室：查找缓慢的线路或转接器；若模组本身如此缓慢，则由模组厂商处理"
    ),
    "the module does not answer AT {when}: {what_came}": "模组不应答 AT（{when}）：{what_came}",
    "within {boot:g} s after power-up": "上电后 {boot:g} s 内",
    "and the rig has no power control to restart it": "且台架没有电源控制，无法将其重启",
    "lab: check cable, power, serial.url and serial.baudrate, then the module itself": (
        "实验室：检查线缆、供电、serial.url 和 serial.baudrate，再检查模组本身"
    ),
    "the module does not answer AT ({what_came}): its power is cycled": (
        "模组不应答 AT（{what_came}）：断电后重新上电"
    ),
    "{message}: it was there once the module's power had been cycled": "{message}：模组断电并重新上电后串口出现",
    "the module floods the line: its power is cycled": "模组大量发送数据：断电后重新上电",
    "the module fell silent and did not answer AT: its power is cycled": "模组停止应答且不应答 AT：断电后重新上电",
    "what is on this port sends without end and has never answered AT: {message}": (
        "此串口上的设备不停发送数据，且从未应答 AT：{message}"
    ),
    "lab: check that this is the module's AT port, and its baud rate, then the module itself": (
        "实验室：检查这是否为模组的 AT 串口及其波特率，再检查模组本身"
    ),
    "no answer to {line}, which hosts begin with": "{line} 没有应答，而主机通常以此命令开始",
    # What hostile lines have done
    "{line}: a final result code within {seconds:g} s": "{line}：{seconds:g} s 内得到最终结果码",
    "{answer}; {sentence}": "{answer}；{sentence}",
    "the command right behind it is answered": "紧随其后的命令得到应答",
    "no answer to it, twice; one to the same command sent again": "两次均无应答；再次发送同一命令才得到应答",
    "DUP on whatever is sent again": "重发的报文均带 DUP",
    "{count} without it": "{count} 个未带",
    "on each": "均带",
    "the next command is answered": "下一条命令得到应答",
    "no answer; {sentence}": "没有应答；{sentence}",
    "{answer} and OK, as before the lines in front of it": "{answer} 和 OK，与此前各行之前相同",
    "answers within {ms:.1f} ms, as before the lines": "应答不超过 {ms:.1f} ms，与发送这些行之前相同",
    "{first:.1f} ms at first, {last:.1f} ms at last": "起初 {first:.1f} ms，最后 {last:.1f} ms",
    "OK to PUB: the session is still open": "PUB 应答 OK：会话仍然打开",
    "the subscription still stands: the message comes down": "订阅仍然有效：消息下行到达",
    "it was not shown": "未显示",
    "no more {packet} than the {count} that commands asked for": "{packet} 不多于命令所要求的 {count} 个",
    "{count}: {packets}": "{count} 个：{packets}",
    "{observed}; shown again by pytest --replay {file}: {lines}": (
        "{observed}；可用 pytest --replay {file} 再现：{lines}"
    ),
}
