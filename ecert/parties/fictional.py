"""Fictional relying parties, one for each sector, for demonstrations and tests: county code 440799, nobody's."""

from ecert.parties.access import party_registry
from ecert.parties.forms import Registration
from ecert.wiring import Container
from schemas.audit import SYSTEM, Doer
from verifier.parties.model import Party
from verifier.purposes.model import Sector
from verifier.purposes.shipped import shipped

_NAMES: tuple[tuple[Sector, str, str, str], ...] = (
    (Sector.GOVERNMENT, "示例市政务服务大厅", "Example City Service Hall", "11440799MB2X91110Q"),
    (Sector.WATER, "示例供水公司", "Example Water Company", "91440799MA2X91002X"),
    (Sector.POWER, "示例供电公司", "Example Power Company", "91440799MA2X91010Q"),
    (Sector.GAS, "示例燃气公司", "Example Gas Company", "91440799MA2X91029M"),
    (Sector.TELECOM, "示例通信公司", "Example Telecom Company", "91440799MA2X91037G"),
    (Sector.BUS, "示例公交公司", "Example Bus Company", "91440799MA2X91045B"),
    (Sector.AVIATION, "示例航空公司", "Example Airline", "91440799MA2X910536"),
    (Sector.RAIL, "示例铁路公司", "Example Railway Company", "91440799MA2X910611"),
    (Sector.BANK, "示例银行", "Example Bank", "91440799MA2X9107XQ"),
    (Sector.CREDIT_REFERENCE, "示例征信公司", "Example Credit Reference Company", "91440799MA2X91088Q"),
    (Sector.RESOURCE_TRADING, "示例公共资源交易中心", "Example Public Resource Trading Centre", "12440799MB2X91129J"),
    (Sector.HOUSING_FUND, "示例住房公积金管理中心", "Example Housing Fund Centre", "12440799MB2X91137D"),
)


def fictional_registrations() -> tuple[Registration, ...]:
    """Return a registration for each sector, with every shipped purpose of it; its id is the sector's name."""
    made = []
    for sector, name_zh, name_en, code in _NAMES:
        party_id = f"example-{sector.replace('_', '-')}"
        made.append(
            Registration(
                party_id=party_id,
                name_zh=name_zh,
                name_en=name_en,
                credit_code=code,
                sector=sector.value,
                contact=f"用证联系处 office@{party_id}.example",
                purposes=[each.purpose_id for each in shipped().values() if each.sector is sector],
                return_uris=[f"https://{party_id}.example/back", "http://127.0.0.1:8000/*"],
            )
        )
    return tuple(made)


def register_fictional(container: Container, *, by: Doer = SYSTEM) -> tuple[Party, ...]:
    """Register those that are not there yet, and return all of them."""
    registry = party_registry(container)
    known = {each.party_id: each for each in registry.all()}
    for registration in fictional_registrations():
        if registration.party_id not in known:
            party = registration.party(container.clock())
            registry.register(party, by=by, now=container.clock())
            known[party.party_id] = party
    return tuple(known[each.party_id] for each in fictional_registrations())
