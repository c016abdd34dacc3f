"""Chapter 3: the whole example, in both of its branches."""

from __future__ import annotations

import pytest

from fixtures.cloud import certificate_to_load, handshake_given_up
from fixtures.online import Messages
from fixtures.requirements import requirement, smoke
from fixtures.run import Run
from fixtures.verify import Verifier


@smoke
@requirement("LP-01")
@pytest.mark.parametrize("connection", ["0,1883,0", "0,443,1"], ids=["without-tls", "with-tls"])
def test_the_example_of_chapter_3_runs_as_printed(
    messages: Messages, verify: Verifier, run: Run, connection: str
) -> None:
    module, tls = messages.module, connection.endswith("1")
    topic, mark = messages.topic("test"), messages.cloud.journal.mark()
    identity = module.device
    verify(module.send(f'AT+ALYPRODUCTKEY="{identity.product_key}"')).ok()
    verify(module.send(f'AT+ALYDEVICESECRET="{identity.device_secret}"')).ok()
    verify(module.send(f'AT+ALYDEVICENAME="{identity.device_name}"')).ok()
    verify(module.send(f"AT+ALYCONNECTCFG={connection}")).ok()
    verify(module.send("AT+ALYMQTTCFG=0,2000,60000")).ok()
    opening = module.open_through_the_platforms_port(tls=tls)
    if not opening.ok and not run.rig_file.simulated and (given_up := handshake_given_up(messages.cloud, mark)):
        # Only of the simulator is it known that it has been given the bench's CA.
        verify.give_up(
            "the module broke off the handshake ({given_up}): load into it {certificate}",
            given_up=given_up,
            certificate=certificate_to_load(run),
        )
    verify(opening).ok()
    verify(module.send(f'AT+ALYMQTTSUB="{topic}",0')).ok()
    verify(module.send(f'AT+ALYMQTTPUB="{topic}",0,"{{\\"message\\":\\"hello!\\"}}"')).ok()
    verify.shown_once(topic, ['{"message":"hello!"}'], messages.wait_received(topic))
    verify(module.send("AT+ALYMQTTCLOSE")).ok()
