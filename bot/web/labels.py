"""The words the phone itself shows (menus, day labels, the line to type in), as any messenger would. Not Saathi's."""

from __future__ import annotations

_ENGLISH = {
    "today": "Today",
    "yesterday": "Yesterday",
    "tomorrow": "Tomorrow",
    "write": "Message",
    "send": "Send",
    "attach": "Attach",
    "photo": "Photo",
    "send_photo": "Send the photo",
    "sticker": "Sticker",
    "voice": "Voice message",
    "other": "Attachment",
    "picture": "Picture",
    "menu": "More",
    "block": "Block this bot",
    "unblock": "Unblock",
    "blocked": "You blocked this bot.",
    "start": "Start",
    "empty": "No messages here yet.",
    "bot": "bot",
    "you": "You",
}
_HINDI = {
    "today": "आज",
    "yesterday": "बीता कल",
    "tomorrow": "आने वाला कल",
    "write": "संदेश लिखें",
    "send": "भेजें",
    "attach": "जोड़ें",
    "photo": "फ़ोटो",
    "send_photo": "फ़ोटो भेजें",
    "sticker": "स्टिकर",
    "voice": "आवाज़ संदेश",
    "other": "फ़ाइल",
    "picture": "तस्वीर",
    "menu": "और विकल्प",
    "block": "इस बॉट को ब्लॉक करें",
    "unblock": "अनब्लॉक करें",
    "blocked": "आपने इस बॉट को ब्लॉक किया है।",
    "start": "शुरू करें",
    "empty": "अभी कोई संदेश नहीं है।",
    "bot": "बॉट",
    "you": "आप",
}

WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "hi": ("सोम", "मंगल", "बुध", "गुरु", "शुक्र", "शनि", "रवि"),
}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "hi": ("जन", "फ़र", "मार्च", "अप्रैल", "मई", "जून", "जुल", "अग", "सित", "अक्तू", "नव", "दिस"),
}


def page_language(language: str | None) -> str:
    """The language of the phone's own labels for somebody who reads `language`: hi or en."""
    return "hi" if language == "hi" else "en"


def words(language: str | None) -> dict[str, str]:
    """The phone's labels in `language`; English where it is neither Hindi nor known."""
    return _HINDI if page_language(language) == "hi" else _ENGLISH
