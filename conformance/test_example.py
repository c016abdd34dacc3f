"""Chapter 3: the whole example."""

from __future__ import annotations

from fixtures.online import Messages
from fixtures.requirements import requirement, smoke
from fixtures.verify import Verifier


@smoke
@requirement("LP-01")
def test_the_example_of_chapter_3_runs_as_printed(messages: Messages, verify: Verifier) -> None:
    module = messages.module
    topic = messages.topic("test")
    identity = module.device
    verify(module.send(f'AT+ALYPRODUCTKEY="{identity.product_key}"')).ok()
    verify(module.send(f'AT+ALYDEVICESECRET="{identity.device_secret}"')).ok()
    verify(module.send(f'AT+ALYDEVICENAME="{identity.device_name}"')).ok()
    verify(module.send("AT+ALYCONNECTCFG=0,1883,0")).ok()
    verify(module.send("AT+ALYMQTTCFG=0,2000,60000")).ok()
    verify(module.open_through_the_platforms_port()).ok()
    verify(module.send(f'AT+ALYMQTTSUB="{topic}",0')).ok()
    verify(module.send(f'AT+ALYMQTTPUB="{topic}",0,"{{\\"message\\":\\"hello!\\"}}"')).ok()
    shown = [item.bare for item in messages.wait_received(topic)]
    verify.that(shown == [b'{"message":"hello!"}'], f'+MQTTRECV:{topic},{{"message":"hello!"}}', f"{shown}")
    verify(module.send("AT+ALYMQTTCLOSE")).ok()
