"""The rows of ``ecert.problems``: error code, HTTP status, title in zh and en. Nothing but data."""

from http import HTTPStatus as S

TABLE: tuple[tuple[str, S, str, str], ...] = (
    # roots: never raised themselves, listed so that a subclass without a code of its own is still answered
    ("ecert_error", S.INTERNAL_SERVER_ERROR, "出错", "Error"),
    ("internal_error", S.INTERNAL_SERVER_ERROR, "系统内部错误", "Internal error"),
    ("keys_error", S.INTERNAL_SERVER_ERROR, "密钥出错", "Key error"),
    ("schemas_error", S.UNPROCESSABLE_ENTITY, "数据不符合证照类型", "Data does not fit the certificate type"),
    ("issuer_error", S.CONFLICT, "签发出错", "Issuing failed"),
    ("composition_error", S.INTERNAL_SERVER_ERROR, "系统配置出错", "Composition error"),
    # keys
    ("invalid_signature", S.UNPROCESSABLE_ENTITY, "签名无效", "Signature is not valid"),
    ("algorithm_not_allowed", S.UNPROCESSABLE_ENTITY, "算法不被允许", "Algorithm is not allowed"),
    ("malformed_key", S.UNPROCESSABLE_ENTITY, "密钥格式错误", "Key is malformed"),
    ("malformed_token", S.BAD_REQUEST, "内容格式错误", "Content is malformed"),
    ("duplicate_member", S.BAD_REQUEST, "JSON 成员重复", "JSON member is named twice"),
    ("forbidden_header", S.BAD_REQUEST, "含有禁止的头参数", "Header parameter is forbidden"),
    ("too_large", S.REQUEST_ENTITY_TOO_LARGE, "内容过大", "Content is too large"),
    # schemas
    ("not_accepted", S.UNPROCESSABLE_ENTITY, "证照未通过核验", "Certificate is not accepted"),
    ("unknown_type", S.NOT_FOUND, "没有这种证照类型", "No such certificate type"),
    # issuer
    ("unknown_certificate", S.NOT_FOUND, "没有这个证照", "No such certificate"),
    ("act_not_allowed", S.CONFLICT, "该证照不允许此操作", "Act is not allowed"),
    ("state_changed", S.CONFLICT, "证照状态已被他人更改", "State was changed meanwhile"),
    ("status_list_full", S.SERVICE_UNAVAILABLE, "状态列表已满", "Status list is full"),
    # ecert
    ("invalid_settings", S.INTERNAL_SERVER_ERROR, "配置有误", "Settings are not valid"),
    ("public_url_changed", S.INTERNAL_SERVER_ERROR, "公开地址与首次启动时不同", "Public URL is not the first one"),
    ("start_interrupted", S.INTERNAL_SERVER_ERROR, "首次启动未完成", "First start is incomplete"),
    ("not_authenticated", S.UNAUTHORIZED, "未认证", "Not authenticated"),
    ("not_permitted", S.FORBIDDEN, "没有权限", "Not permitted"),
    ("not_found", S.NOT_FOUND, "没有找到", "Not found"),
    ("method_not_allowed", S.METHOD_NOT_ALLOWED, "不支持此方法", "Method is not allowed"),
    ("request_too_large", S.REQUEST_ENTITY_TOO_LARGE, "请求过大", "Request is too large"),
    ("request_too_slow", S.SERVICE_UNAVAILABLE, "请求超时", "Request took too long"),
    ("malformed_request", S.UNPROCESSABLE_ENTITY, "请求内容不符合要求", "Request does not fit its form"),
    ("idempotency_key_in_use", S.CONFLICT, "同一幂等键的请求正在处理", "Idempotency key is in use"),
    ("idempotency_key_reused", S.UNPROCESSABLE_ENTITY, "幂等键已用于其他请求", "Idempotency key was used otherwise"),
    ("expectation_failed", S.INTERNAL_SERVER_ERROR, "与预期不符", "Expectation failed"),
    ("command_failed", S.BAD_REQUEST, "命令无法执行", "Command cannot be carried out"),
)
