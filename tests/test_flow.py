"""The whole corridor in one process, from mail to answer."""

from tests.support.house import KALLE


def test_a_request_walks_down_the_corridor(house):
    receipt = house.ask("Hej! #erasure")
    assert house.states() == {"erasure": "awaiting_identity"}
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    assert house.states() == {"erasure": "awaiting_approval"}
    house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat.")
    house.drain()
    assert house.states() == {"erasure": "answered"}
    assert house.case().state.value == "closed"
    assert "Kontot är raderat." in house.to(KALLE)[-1].text
