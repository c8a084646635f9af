"""The rows of ``ecert.problems`` for orders, offers and proposals. Nothing but data."""

from http import HTTPStatus as S

ORDERS: tuple[tuple[str, S, str, str], ...] = (
    ("order_error", S.CONFLICT, "待领证照出错", "Order failed"),
    ("unknown_order", S.NOT_FOUND, "没有这个待领证照", "No such order"),
    ("order_state_changed", S.CONFLICT, "待领证照的状态不允许此操作", "State of the order does not allow this"),
    ("same_officer", S.FORBIDDEN, "须由另一名人员复核", "A second officer has to decide"),
    ("second_officer_needed", S.CONFLICT, "此类证照须双人复核", "This type needs a second officer"),
    ("offer_refused", S.UNPROCESSABLE_ENTITY, "不能生成领证邀约", "Offer is refused"),
    ("unknown_proposal", S.NOT_FOUND, "没有这个待复核的决定", "No such proposal"),
    ("proposal_state_changed", S.CONFLICT, "该决定已复核或已过期", "Proposal was decided or has expired"),
    ("snapshot_refused", S.UNPROCESSABLE_ENTITY, "不能出具此证明", "No certificate of facts can be given"),
)
