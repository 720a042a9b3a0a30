"""Which language a message is written in: English, Hindi, or Hindi in Latin letters (Hinglish). Pure.

Small on purpose: script decides Hindi, and a short list of common words in their usual spellings decides Hinglish.
Hindi questions cannot do without such words ("kab", "hai", "kya"), and English questions hardly use any.
"""

from __future__ import annotations

from typing import Literal

from bot.text import tokens

Detected = Literal["en", "hi", "hi-Latn"]

_HINDI_WORDS = frozenset(
    """
    hai hain h he hu hun hoon ho hona hota hoti hote hoga hogi honge hua hui hue tha thi thay raha rahi rahe rha
    rhi rhe kya kyaa kia kyu kyun kyon kaise kese kaisa kaisi kab kabse kabtak kahan kaha kaun kon konsa kaunsa
    kitna kitne kitni kis kise kisko kisi kiska kuch kuchh koi ka ke ki ko se sey mein mai main par pe pr tak tk
    bhi aur ya lekin magar agar to toh jab tab phir fir nahi nahin nai nhi nahii mat bina sirf bas bahut bohot
    bahot zyada jyada thoda thodi kam abhi aaj kal roz din raat subah shaam mujhe mujhko mera meri mere hame
    humein hum ham aap ap aapka aapki aapke apna apne apni tum unka unki unko iska iski isko uska yeh ye yah woh
    wo vo is us in un wala wali wale baad bad pehle pahle saath sath liye lie karna karne karo kare karen karu
    karun karte karti kar kr kro kiya kijiye kariye karwana karana sakte sakta sakti skte skta skti chahiye
    chaiye chahie chahta chahti padega padta padti lagta lagti lagega lagte lagenge jata jati jate jana jaye
    jayega jaunga aata aati aana aaye gaya gayi gaye gya gyi liya lena lene le lu lun de dena dijiye theek thik
    tik acha accha achha haan han ji batao bataye bataiye batana pucho puchna dard dawa dawai dava goli ghav
    taanke tanke kamar pair taang peshab bukhar khoon nas reedh haddi chalna baithna sona nahana naha khana
    peena pani paani uthana jhukna chadhna kharcha paisa paise kharch marna dukh dukhta takleef dikkat patti
    sujan namaste namaskar pranam aadab salam dhanyavad dhanyawad shukriya meharbani aabhar alvida shubh jai
    radhe ilaj ilaaj khatra nuksan fayda fayde banawat kharabi pehchan lakshan samay umar behosh behoshi jaldi
    ghar chutti ek do sunao gaana gana karwaye karwau karau karaye karaun samjhaiye samjhao jawab parhez parhej khane
    pine peene batana padegi padta jaldi dheere wapas chalega chalegi milega milegi skte sakenge hone hoti dikhana
    dikhaye kholna utarna lagana lagane lagaye uthau uthaye chadh seedhi bistar gaadi gadi rakhna rakhe saal mahine
    hafte dino ghante beech taraf kaam naukri dukan khet
    """.split()
)
"""Words of Hindi in Latin letters, with their common spellings."""

_ENGLISH_TOO = frozenset(
    "main me in is us to he ho h the par pair bas pe ham un din bad ya de le mat hue lie pr tak do pine ek".split()
)
"""Those of them that are English words, or mere letters, as well: they count only beside another one."""
_ENOUGH = 0.2
"""The share of Hindi words from which a text in Latin letters counts as Hinglish."""


def of_report(words: str, chosen: str | None) -> str:
    """The language to answer an alarm in: the one it is written in, unless it only looks English in a Hindi chat."""
    written = detect(words)
    return chosen if chosen and written == "en" else written


def detect(text: str) -> Detected:
    """The language of `text`: Hindi where a third of the words are in Devanagari; English where there are no words."""
    words = [word for word in tokens(text) if not word[0].isdigit()]
    latin = [word for word in words if not "\u0900" <= word[0] <= "\u097f"]
    if len(latin) * 3 <= len(words) * 2 and words:
        return "hi"
    sure = sum(word in _HINDI_WORDS and word not in _ENGLISH_TOO for word in latin)
    maybe = sum(word in _ENGLISH_TOO for word in latin)
    if sure and (sure + maybe) >= _ENOUGH * len(latin):
        return "hi-Latn"
    return "en"
