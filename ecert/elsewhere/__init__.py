"""Status lists of issuers of other installations, for verifying online. Offline there is the pack and nothing else.

fetching   one list from its address: guarded, limited, without a word about who asks for what
keeping    what was fetched, within bounds, and until when it is good
lists      one fetch for all who wait, refreshing in the background, a pause after a failure

A list is asked for only by the URI of a certificate that an issuer of the trust list signed (``Report.wanted_lists``).
"""

from ecert.elsewhere.fetching import ListFetcher, ListNotFetched
from ecert.elsewhere.lists import Known, ListsElsewhere

__all__ = ["Known", "ListFetcher", "ListNotFetched", "ListsElsewhere"]
