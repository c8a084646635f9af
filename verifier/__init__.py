"""From bytes and evidence to a report. No storage, no network: both come in as evidence."""
