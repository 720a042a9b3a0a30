"""What is told of somebody or something else: stories, neighbours, animals, things, jokes (rules 5.2, 5.3.4, 5.3.5).

Regular expressions over grammar forms, as in `grammar.py`.
"""

from __future__ import annotations

import re

STORY = re.compile(
    r"\b(?:t[ie]*v[ie]*|(?:f|ph)ilm\w*|movie\w*|picture|s[ie]+riyal|serial\w*|news|nyoo?[jz]|akhbaa?r"
    r"|newspaper|khabar|youtube|video\w*|kahani|poster\w*|novel|kitab|reels?|natak|programme?|drama|episode|ramayan"
    r"|mahabharat|magazine|patrika|blog|article|consent|leaflet|brochure|booklet|pamphlet|chapter|google|facebook"
    r"|instagram|insta|whatsapp|kavita|gaane|gana|song|match|cricket|school|class|lecture|project|exam)"
    r"\b.*\b(?:dikh\w+|dekh(?!te|\w* raha)\w*|padh?[aie]\w*|sun[aie]\w*|likh\w+|written|says|lines?|dialogue"
    r"|showed|shown|showing|saa?id|saw|seen|read|heard|he+ro|heroine|singer|actor|villain|khila\w*|player|kirdar"
    r"|character|ghoom|forward\w*|teacher|about)\b"
    r"|\b(?:saw|read|reading|heard|watched|padh?[aie]+|dekh[aie]+|sun[aie]+|villain|hero|heroine|actor)\b.*"
    r"\b(?:t[ie]*v[ie]*|(?:f|ph)ilm\w*|movie\w*|serial|s[ie]+riyal|news|akhbaa?r|reels?|drama|magazine|article|blog"
    r"|newspaper|paper|youtube|video|poster|consent|leaflet|brochure|booklet|google|facebook|whatsapp|novel)\b"
    r"|\b(?:serial|s[ie]+riyal|drama|natak|film|movie|match|cricket|story|kahani) (?:of |me )?(?:\w+ ){0,8}"
    r"(?:mar|gir|gaya|dies|died|fell|behosh|daura|chot|fainted|collaps\w+)\b"
    r"|\b(?:serial|s[ie]+riyal|drama|natak|film|phim|movie|match|cricket|kahani) me (?!dekh\w* (?:raha|hue))"
)
"""What was seen on television or read, not felt; but not somebody who falls while watching: "dekhte", "dekh rahe"."""

IN_STORY = re.compile(r"\b(?:s[ie]+riyal|serial|drama|natak|(?:f|ph)ilm|movie|kahani|cricket|novel) me\b(?!.*\bdekh)")
"""Where it happened only in a story."""
MINE = re.compile(r"\b(?:my|mera|mujhe)\b")
OURS = re.compile(r"\b(?:my|mera|mujhe|papa)\b")
SOMEONE_ELSE = re.compile(
    r"\b(?:(?:my|mera|it) )?(?:(?:old|purana|ek|the|office|school|college|distant) )?(?:neighbou?r\w*"
    r"|pad?osi\w*|pad?osan|pados|colleagues?"
    r"|classmates?|room ?mates?|cousins?|saheli|dost|friends?|boss|landlord|samdhi\w*|rishtedar|relatives?"
    r"|celebrity|minister"
    r"|(?:next|other|opposite|adjacent|paas|bagal|saamne|samne) (?:\w+ ){0,2}(?:bed|room|bistar|palang|mareej|mariz)"
    r"|(?:bed|room|bagal|paas|samne) wal[aei]|gaanv me (?:ek|kisi)|log|kisi)"
    r"(?!(?: \w+)? (?:ne|says?|said|told|tells|bata\w*|bol\w*|kah\w*|keh\w+|called|found|dekh\w*|utha\w*|laya)\b)"
)
"""Somebody who is not looked after here: a neighbour, a friend, the man in the next bed; not as the one who tells."""
ONCE_THERE = re.compile(
    r"\b(?:had|tha|was|died|recovered|mar gaya|bach gaya|(?:ho|mar|pad|maar) gaya tha|saal\w*|years?|ago|last|once"
    r"|pichhl[aei]|pichl[aei]|guzar)\b"
)
SOMEBODY = re.compile(r"\b(?:my|mera|mujhe|papa|i|hu|me|dekh\w*|watch\w*|child|son|daughter|bachch\w*|bet[aie])\b")
ANIMAL = re.compile(
    r"\b(?:dogs?|puppy|pup|cats?|kitten|cow|cows|goats?|buffalo|parrot|horse|rabbit|kutta|kutte|kutiya|billi|gaay|gaai"
    r"|bhains|bakri|bakra|tota|pigeon|kabutar|murgi|ghoda|bachhda|bachda)\b"
    r"(?!(?: \w+){0,2} (?:ne|hit|bit|bite|bites|bitten|kaat\w*|maar\w*|dhakka|takkar|takra\w*|pulled|jump\w*"
    r"|chased|scratch\w*"
    r"|licked|se|pushed|knocked|kicked|over)\b)"
)
"""Of an animal something is told; but not what it has done to somebody."""
THING = re.compile(
    r"(?<!of )(?<!of the )(?<!with )\b(?:lift|elevator|tap|nal|nali|pipe|paip|drain|sink|basin|motor|tanki"
    r"|tank|geyser|gijar|fan|pankha|ac|cooler"
    r"|fridge|t[ie]*v[ie]*|remote|phone|mobile|charger|wifi|network|signal|internet|app|website|site|portal"
    r"|link|video|audio|printer"
    r"|computer|server|system|battery|flush|toilet flush|queue|line|traffic|ringtone|bottle|market|insurance"
    r"|hospital bill|door"
    r"|darwaza|lock|button|curtain|recliner|wheelchair|chair|bench|kursi|trolley|torch|bulb|light|clock|watch"
    r"|ghadi|motor"
    r"|engine|tyre|road|sadak|bridge|patience|counter|receptionist|guard|watchman|office|company|team|economy"
    r"|government|sarkar)\b"
    r"(?! (?:me|mein|pe|par|se|ke paas|accident|of|when|while)\b)(?: \w+){0,5}$"
)
"""A thing of which the trouble is told that follows: "the drain is blocked"; not where somebody was: "lift me"."""
JEST = re.compile(r"\b(?:(?:ha|he){2,}|lol|rofl|lmao|maza+k|joking|just kidding|hansi|hans\w*|laugh\w*|comedy)\b")
"""Said with a laugh."""
