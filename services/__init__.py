"""Service items (政务服务事项), applications and instant approval."""
