"""Prometheus metrics: requests, latency, certificates issued, verdicts, age of the status lists. No personal data."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The counters of one application, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "ecert_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "ecert_request_seconds", "Time to answer.", ["method", "route"], registry=self.registry, buckets=_BUCKETS
        )
        self._issued = Counter("ecert_issued", "Certificates issued.", ["type"], registry=self.registry)
        self._acts = Counter("ecert_acts", "Acts on certificates.", ["act"], registry=self.registry)
        self._verified = Counter("ecert_verified", "Presentations judged.", ["verdict"], registry=self.registry)
        self._notified = Counter(
            "ecert_wallet_notifications", "What wallets said of credentials.", ["event"], registry=self.registry
        )
        self._age = Gauge("ecert_status_list_age_seconds", "Age of the oldest status list.", registry=self.registry)
        self._lag = Gauge("ecert_publication_lag_seconds", "Age of the oldest decision.", registry=self.registry)
        self._pending = Gauge("ecert_publications_pending", "Lists with unpublished changes.", registry=self.registry)

    def watch(self, *, age: Callable[[], float], pending: Callable[[], float], lag: Callable[[], float]) -> None:
        """Ask these when the metrics are collected: seconds since the oldest list was signed, lists to be signed,
        seconds since the oldest decision that is not published."""
        self._age.set_function(age)
        self._pending.set_function(pending)
        self._lag.set_function(lag)

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        # Methods, routes and statuses are few, and what has their labels is found quicker here than in the registry.
        found = self._known.get((method, route, status))
        if found is None:
            label = method if method in _METHODS else "OTHER"
            found = self._requests.labels(label, route, str(status)), self._seconds.labels(label, route)
            if label == method:
                self._known[method, route, status] = found
        found[0].inc()
        found[1].observe(seconds)

    def notified(self, event: str) -> None:
        """Count what a wallet said of credentials that it fetched."""
        self._notified.labels(event).inc()

    def issued(self, type_id: str) -> None:
        """Count one issued certificate."""
        self._issued.labels(type_id).inc()

    def acted(self, act: str) -> None:
        """Count one act of the life cycle."""
        self._acts.labels(act).inc()

    def verified(self, verdict: str) -> None:
        """Count one verdict."""
        self._verified.labels(verdict).inc()

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self.registry)
