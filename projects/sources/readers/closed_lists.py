"""The words that FOCUS allows in its closed lists."""

CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
SERVICE_CATEGORIES = (
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
)


def _spelling(*words: str) -> dict[str, str]:
    return {word.lower(): word for word in words}


FOLDED = {
    "charge_category": _spelling(*CHARGE_CATEGORIES),
    "charge_class": _spelling("Correction"),
    "charge_frequency": _spelling("One-Time", "Recurring", "Usage-Based"),
    "service_category": _spelling(*SERVICE_CATEGORIES),
    "commitment_discount_status": _spelling("Used", "Unused"),
}
