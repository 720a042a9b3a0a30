"""Small words of English and Hindi: what is ignored, what negates, what makes a question, a past or a condition.

Function words first become one form (`FORMS`): spelling, gender and number no longer differ. The regular expressions
below run over a clause or sentence written in those forms, Latin letters, words separated by one space.
Rule numbers are those of section 5.3 of the clinical facts.
"""

from __future__ import annotations

import re

# canonical form: other ways to write it (romanised; Devanagari is transliterated before)
FORMS: dict[str, str] = {
    "nahi": "nahin nahee nai nhi nhii nahii nahe nahiin naheen nahim nahy nahn ni neh nhin nh nahiin",
    "na": "naa न ना",
    "mat": "",
    "no": "nope none neither",
    "not": "didnt dont doesnt isnt wasnt hasnt havent hadnt arent wont nt cannott aint didn don doesn isn haven"
    " wouldnt",
    "never": "",
    "without": "bina bagair bagaer",
    "denies": "deny denied denying",
    "able": "pa paa paaya paya payi paaye paye pata-hu paata paati paate pate paana sakta sakti sakte sake saka",
    "raha": "rahi rahe rha rhi rhe rahaa raahi ra rahii rhaa rh rahin",
    "hai": "h he hain hen hei haii hi hae",
    "hu": "hoon hun hoo huu",
    "gaya": "gayi gaye gya gyi gye gai gaee gayaa gae",
    "tha": "थे थी था thi thii thaa theen thin",
    "diya": "di diye dia",
    "liya": "li liye lia lee",
    "kiya": "kia kiye",
    "kar": "kr karo karke karna karne karta karti karte krna",
    "me": "men mein main mai mei m mn maine mene",
    "mera": "meri mere mra humara hamara hamari hamare humari",
    "mujhe": "mujhko mujko muje mujhey mujh hame humko hamko hume",
    "ko": "",
    "se": "say maare",
    "ke": "ka ki k",
    "par": "pr",
    "pe": "pay",
    "bhi": "bhee bhii b",
    "to": "toh tho",
    "aur": "or-and or_ aor evam tatha",
    "ya": "athva",
    "lekin": "lekn likin magar magr parantu kintu par-",
    "agar": "agr yadi",
    "kya": "kyaa kia- kyaaa",
    "kaise": "kese kaisa kaisi kese",
    "kab": "kabtak",
    "kyun": "kyu kyo kyon kyoon kyoo",
    "kitna": "kitne kitni ktne",
    "ab": "abb",
    "abhi": "abhee",
    "kuch": "kuchh kuchch kchh kuchu",
    "koi": "koee",
    "lag": "laga lagi lage lagta lagti lagte lagna lagke lagkar lgta lgti lg",
    "jaye": "jaaye jaae jae jai jaega jayega jaegi jayegi",
    "bahut": "bahot bohot boht bht bhut bhot behad kaafi kafi bauht bohat",
    "very": "vry so_ really quite too",
    "baad": "bad-",
    "i": "im ive iam",
    "my": "mine",
    "is": "are am be been being",
    "have": "has having got get getting gets",
    "had": "",
    "was": "were",
    "the": "a an this that these those",
    "it": "its he she they them him her his their we us our you your u ur",
    "please": "plz pls plss sir madam mam maam ji sirji hello hey namaste namaskar bhai didi bhaiya",
    "pad": "pada padi pade padta padti padte padna pari parta padh padne",
    "wo": "woh vo voh unka unki unke unko unhe unhen unhone uska uski uske use usko inka inki inko inhe isko iski"
    " is_ ye yeh"
    " yah vah wah",
    "of": "in on at from with by into for- ov",
    "kaha": "kahan kahaan",
    "aaj": "",
    "kal": "",
    "since": "",
    "for": "",
    "after": "",
    "now": "nw",
    "papa": "मां माता मम्मी mammi mammee chacha चाचा chachi bua mausi mama-ji baba बाबा babuji behen bahan behan बहन"
    " sasur devar father dad daddy pitaji pita mother mom mummy mumma mummi maa ma mata mataji amma ammi abbu"
    " husband"
    " pati- wife patni"
    " biwi patient mareez marij uncle aunty bhabhi brother sister dada dadi nana nani grandfather grandmother",
}

# Said without changing what is reported: left out of phrases and not counted as words between.
FILLER = frozenset(
    "pad raha hai hu gaya tha diya liya kiya kar me mera mujhe ko se ke par pe bhi to bahut very baad i my is was"
    " have had the it"
    " please wo of papa since for after aaj kal ab abhi now when while and aur just also then jab tab par started"
    " start"
    " shuru lag able- today yesterday morning subah sham shaam evening night raat rat raatko last din dino days"
    " day hour"
    " hours hrs hr ghante ghanta ghanton week weeks hafte hafta minute minutes min all- still even bilkul actually"
    " suddenly- like jaisa jaise jaisi only sirf wala wali wale do does did done if agar can could would will should"
    " what how kya karu karun kare karein karoon there here yahan waha upar about some kuch koi any ya or as than up"
    " hona- hi ye yeh haan han yes ok- please de dete deta ho_ been wahan jo jis jise apne apna apni us un in inn"
    " mar_ dono_ pura_ itna itni kitna khud_ re le_ rahta rehta rahti rehti reh ek_ lo lo_ kabhi"
    " somehow getting keeps keep keeping become became turned gone- went has".split()
)

NEGATORS = frozenset("nahi na mat no not never without denies".split())
BEFORE_ONLY = frozenset("no without denies never not na".split())
AFTER = frozenset("nahi na no mat".split())

BEFORE_FILL = frozenset(
    "any the have had feel feeling felt more much severe new signs sign of my kind koi ke is bad big as such"
    " symptom symptoms"
    " kisi tarah real other further i having see seen notice noticed ek kind type seeing complaint complaints"
    " history".split()
)
AFTER_FILL = frozenset(
    "hai hu is bhi to ab abhi bilkul koi kuch ke ko me se ki jaisa jaise jaisi wagera vagera waghera etc dikkat"
    " problem taklif din raat hota ek hi nishan naam namo tak kabhi"
    " takleef pareshani shikayat lakshan aaj aaj ho was tha dikkt dikat sab kiya aisa it now bahut mujhe the type"
    " symptom wali wala wale jaisi hui baat".split()
)
# After "nahi" these mean that the trouble goes on: "bukhar nahi utar raha", "dard nahi ja raha" (rule 5.3.1).
GOES_ON = re.compile(
    r"^(utar\w*|ja|jaa|jata|jati|jaata|jaati|ruk\w*|kam|theek|thik|bardas\w*|bardaast|seh\w*|sah\w*|sahan|band"
    r"|stop\w*|going|go"
    r"|settl\w*|improv\w*|better|reduc\w*|under|samajh|tham\w*|ghat\w*|chhod\w*|chod\w*|jhel\w*|less|resolv\w*"
    r"|control\w*)$"
)

ENDS_STATEMENT = frozenset({"hai", "tha"})
"""After a "nahi" these end what is said: "dard nahi hai"."""
HARD = re.compile(r"[.?!;|।॥]")
SOFT = re.compile(r"[,:()\[\]{}\-/\\+&–—…~*_=>]")
BUT = frozenset("but lekin however although though".split())
AND = frozenset("and aur phir- plus or ya nor evam then tatha".split())
EITHER = frozenset("or ya nor".split())
VERB_END = frozenset("hai hu raha nahi tha gaya no not theek thik ok fine hua hui".split())

# Rule 5.3.4: what makes a sentence ask about a sign instead of reporting one.
ASKS_ABOUT = re.compile(
    r"\b(signs?|symptoms?|lakshan\w*|risks?|danger of|what temperature|khatra"
    r"|khatre|chances?|sambhavna|possib\w+|likely|likelihood|meaning"
    r"|means|(?<!koi )matlab(?! nahi)"
    r"|definition|mean|causes?|counts? as|prevent\w*|avoid\w*|bachav|bachne|roktham|side ?effects?|complications?"
    r"|percent\w*|difference|rates?|ratio|statistics|odds|precautions?|incidence|adverse|andesha|kya wajah"
    r"|wajah kya|explain|definition"
    r"|(?:is it|is this|kya ye|kitna|ye|kya) (?:true|sach)|sach hai|true that|how likely|kitn\w+ (?:logo|log"
    r"|mareej\w*|sau)"
    r"|sau me se|one in|in \d+ patients|sikh\w+ chah\w*|school project|assignment|curious|jaanna chah\w*"
    r"|janna chah\w*|just wondering)\b|\w+ne se kya\b|\bkis(?:ko|e) (?:ka?h|bol)\w*\b"
    r"|\b(what is(?! the (?:point|use|reason)| it\b| the$| happening| wrong| going)|what the|wats|whats|what do"
    r"|kya hai$|kya hota|kya hoti|kise kehte"
    r"|kaise hota|kaise hoti|kyun hota|kyun hoti"
    r"|kab hota|kab hoti|kise hota)\b"
)
ASKS_FIRST = re.compile(r"^(?:kin|kis|kaun\w*|kyun|kaise|kab|kya|kitn\w*|kahan|what|why|which|how|who|when|where)\b")
"""A message that begins with a word of asking."""
ASKS = re.compile(
    r"^(please |to |wo )*(?:(?:will|can|could|may|does"
    r"|do(?! (?:din|ghant\w*|hafte|mahine|baar|teen|goli|se|baje|saal|raat))|should|shall|would"
    r"|is(?! (?:dard|baat|tarah|zindagi|jindagi|jagah|se|ke|ko|me)\b))\b"
    r"(?! not| never| no| take| kill| hurt| see| feel| hear| die| end| jump)|(?:how|which|who|kab|kaise|kitna|kya)\b)"
    r"|\b(how (?:long|soon|many|much|do|to|can|does|will|is|should|common|often|likely)|when (?:will|can|should"
    r"|do|does|is)|can i|will i|could i"
    r"|may i|should i|is it|kab (?:tak|jayega|se|hoga|nikal\w*|tut\w*|khul\w*|kat\w*|jaye|theek|thik|hat\w*)"
    r"|kitna (?:din|dino|time|samay|der)"
    r"|(?<!nahi )ho able|(?<!nahi )aa able|kaise (?:kar|pata|hoga|jane|bache|roke|pehchan\w*|pahchan\w*|rok\w*"
    r"|bach\w*)|kya (?:kha|mujhe bhi|operation|surgery|is)"
    r"|kab\b.*\bkare|hoga kya|hota hai kya|jayega kya|happen(?:s|ing)? (?:after|in)|normal hai kya|recovery time|"
    r"common hai|lena chahiye|\w+g[aie] kya|\w+t[aie] hai kya|kyun (?:\w+ )?\w+t[aie] hai"
    r"|able (?:hai |hu )?kya|aam (?:baat )?hai|to nahi (?:\w+ )?(?:hota|hoti|ho jata|ho jaata|ho jati"
    r"|ho jaye\w*|hoga|hogi|lagti|lagta)|kyu\w* hota|wajah se (?:\w+ )*hot[aie]"
    r"|why (?:does|do)|le able hu|kha able hu)\b"
)
ASKS_MILDLY = re.compile(r"\b(kitna|kaise|kyun|kab|why|how|kaun)\b|^kya\b|\bkya$")
"""Question words anywhere: enough to ask about a same-day sign when nothing says that it is happening."""
# These keep it a report although it asks: "I have chest pain, is it normal?"
REPORTS_STRONG = re.compile(
    r"\b((?<!can )(?<!will )(?<!could )(?<!may )(?<!might )(?<!do )(?<!should )(?<!if )(?<!would )i have(?! (?:to"
    r"|heard|read|a question|question))|i (?:feel|felt|cant|took|fell|fainted|started)|mujhe|since|raha"
    r"|(?<!able )hu(?: |$)|ho gaya|gaya hai|aa gaya|(?:suddenly|sudden|achanak)(?!.*\bho able)|right now|abhi|kal"
    r" se|aaj|today"
    r"|yesterday|subah se|raat se|still|"
    r"phir se|wapas|again|not able|bachao|\d+ (?:hours?|hrs?|ghante|days?|din|ghanton) se|for \d+|(?:my|mera)"
    r" (?:\w+ ){1,2}is|is my|why (?:is|am)|gone)\b"
)
REPORTS = re.compile(REPORTS_STRONG.pattern + r"|\b(my|mera|papa)\b")

JUST_ASKING = re.compile(r"\b(?:(?:pu+|po+)ch+\w* (?:raha|hai|tha|chah\w*)(?: hu| hai| tha)?|asking)\b")
"""What reports nothing in a question, though it says that something is going on: "puch raha tha"."""
FADED = re.compile(
    r"\b(?:faded|vanished|disappeared|subsided|healed|resolved|(?:has|have|is|are|all) gone(?: away)?$"
    r"|gone (?:down|away|within|completely))\b"
)
"""Later in a sentence: what was told before is over."""
LASTING = re.compile(
    r"\b(?:saal|sal|baras|years?|yrs?|bachpan|childhood) (?:se|now|back|ago)\b|\b(?:since|for) (?:many )?years\b"
)
AS_EVER = re.compile(
    r"\b(?:same|aadat|habit|as usual|waisa|vaisa|waise|hamesha|as always|as ever|no change|koi farak nahi)\b"
)
"""Together: it has been so for years and has not changed."""

# Rule 5.3.6
IF = re.compile(r"\b((?<!as )if|agar|in case|incase|suppose|supposing|what if|of case)\b")
# verbs of possibility: "aaye to", "ho jaye to", "phoole to"
MIGHT = re.compile(
    r"\b(?:\w*(?:aaye|aae|aye|jaye|jaaye|lage|ruke|aane par|aane pe|nikle|phoole|phule|fule|soje|sooje|suje|khule"
    r"|badhe|gire|khaye|dikhe|rahe|bahe|phate|tute|phaile|faile|utre) (?:to|par|pe)|(?<!khade )(?<!khada )hone"
    r" (?:par|pe|se)|aane (?:par|pe)|jane (?:par|pe)|ho to|hui to|hua to|ho jaye|aa jaye)\b(?! bhi| nahi)|\bgaya to$"
    r"|\bkahi\w* .*\bto nahi\b"
)
WHEN_IT_HAPPENS = re.compile(
    r"\b(?!(?:mujhe|mere|me|ke|pehle|pahle|neeche|niche|wale|hame|unhe|use|aise|se|ne|hi|ye)\b)"
    r"(?:\w+(?:e|en|ein|ye)|ja+(?:u|oo)n*) (?:to|toh|tho)"
    r" (?:kya|kis\w*|kise|kaha\w*|kab|kaun|kon|phone|call|bata\w*|kaise|kitn\w+|turant)\b"
)
"""An ending that means 'should it': "saans phoole to kisko phone kare", over the words as spoken."""
ADVICE = re.compile(
    r"\b(what|should|kya|karu|karun|kare|karna|karen|karein|call|bataye|batao|bataiye|whom|who|when|kab|kaha|kise"
    r"|kisko|contact|tell me"
    r"|how|do i|can i|will|would|might|could|aana|dikhana|inform)\b"
)

# Rule 5.3.5
LONG_AGO = re.compile(
    r"\b(before (?:the |my )*(?:surgery|operation|op)|(?:surgery|operation|opration|aapreshan|aapareshan"
    r"|oprashan) se (?:pehle|pahle|phle)"
    r"|last (?:year|month|summer|winter)|pichhle (?:saal|mahine|sal|mahina)|pichle (?:saal|mahine|sal|mahina)"
    r"|(?:years?|yrs?|months?|saal|sal|mahine|mahina|baras|decades?) (?:ago|back|pehle|pahle|phle|before|purana"
    r"|purani)"
    r"|long (?:time )?(?:ago|back)|used to|(?:family )?history of|family history"
    r"|(?:in|of|since|back) (?:19|20)\d\d|(?:19|20)\d\d"
    r" me|childhood|bachpan|as a child|pre ?op"
    r"|back in the \w+|(?:seventies|eighties|nineties|sixties)|as a (?:boy|girl|kid|student|young \w+)"
    r"|(?:college|school|job) (?:days|time|ke din\w*|me)|jawani me|ladakpan|when i was (?:young|small|little|\d+)"
    r"|(?:in|of) (?:school|college|january|february|march|april|june|july|august|september|october|november|december)"
    r"|previously|in the past|in my (?:teens|twenties))\b"
)
ONCE = re.compile(r"\b(?<!din )(?<!ghante )(?<!hafte )(earlier|pehle|pahle|phle|before)\b")
ENDED = re.compile(r"\b(tha|had|was|used to|chuk(?:aa?|i+|ee?))\b")
NOW = re.compile(
    r"\b(now|abhi|ab|since|again|phir|fir|wapas|vapas|dobara|today|aaj|still|kal se|raat se|subah se|raha hai"
    r"|raha hu|worse|worsening|(?:stronger|weaker|bigger|higher) than|(?:come|came|coming) back"
    r"|(?:is|are) back (?:like|again)|(?:pehle|never) (?:\w+ )?(?:nahi|before)|"
    r"(?:zyada|jyada|more)(?! (?:than )?\d)|right now|currently|nahi raha|din se|ghante se|too|gaya hai|these days)\b"
)
OVER = re.compile(
    r"\b((?:fine|ok|okay|normal|good|theek|thik|better|gone) (?:now|ab|again)"
    r"|faded|vanished|healed|recovered|(?:never|not) (?:came|come|returned) (?:back|again)|gone within"
    r"|gone (?:since|completely|entirely)|(?:phir|fir|again) (?:kabhi )?(?:\w+ )?(?:hi |hai )?nahi|(?:has"
    r"|have) gone$|now flat"
    r"|koi (?:nishan|naam) nahi|dobara nahi|sukh gaya|bhar gaya|mit gaya"
    r"|(?:has |have )?(?:completely |totally )?stopped|subsided|disappeared"
    r"|gone (?:down|away|completely)|went down|came down|(?:is|are|all) gone"
    r"|(?:wo|ab|tha|now) (?:sab |all )?khatam"
    r"|tha (?:par |lekin )?(?:ab|abhi|now) nahi(?: (?:hai|hota|hoti|ho raha|raha))*$"
    r"|(?:chal[aie]|utar\w*|utr[aie]|band|khatam|gayab|kam|theek|thik) (?:ho )?gaya"
    r"|(?:ab|now|abhi)\b.{0,25}\b(?:theek|thik|fine|ok|okay|normal|nahi hai|gone|better)|went away|gone now|no"
    r" longer|theek ho gaya"
    r"|thik ho gaya|chala gaya|utar gaya|resolved|settled|khatam ho gaya|has stopped|ruk gaya hai ab)\b"
)

OVER_KEYS = frozenset(
    {
        "OK",
        "BETTER",
        "GO",
        "STOP",
        "UTAR",
        "HO",
        "SETTLE",
        "COME",
        "END",
        "LESS",
        "RELIEF",
        "SMALL",
        "DOWN",
        "BAND",
        "WALK",
        "WHOLE",
        "BEFORE",
        "#",
    }
)
NORMALITY = re.compile(r"\b(normal|common|usual|serious|okay|ok|danger\w*|worr\w+|chinta|theek|thik)\b")

# Rule 5.3.9
IMPROVING = re.compile(
    r"\b(better than|(?:is|getting|feeling|much|lot|little|bit) better|improving|improved|less than|lesser than"
    r"|(?:pehle|pahle|phle|kal) se (?:\w+ )?"
    r"(?:kam|behtar|theek|thik|better|less|accha|acha|achha)|kam ho (?:raha|gaya)|ghat (?:raha|gaya)|theek ho"
    r" raha|thik ho raha|reducing|reduced"
    r"|going down|sudhar|behtar|aaram hai|aaram mil raha|rahat hai|coming down|settling|shrinking|fading"
    r"|easing|lessening|drying|utar raha hai|kam hai)\b"
)
NOT_IMPROVING = re.compile(r"\b(nahi|not|no)\b")
EVERYTHING = frozenset("kuch koi sab".split())
FOLLOW_UP = re.compile(
    r"^(?:and|aur|और|what about) (?:the |my |if )*[^\W\d_]\S*(?: \S+)?(?: ho to| का| ka| ki)?(?: kya| क्या)?\s?\?+$"
)
"""A short fragment that goes on from an answer: "and fever?", "aur taanke?"."""
SHORT_CRY = 3
"""A message of at most so many words, fillers apart, is a short cry (rule 5.3.10)."""
UNCLEAR = frozenset({"TROUBLE", "STRANGE", "BAD", "WORSE", "HELP", "SUDDEN"})
"""Beside a noun of a sign these make the message unclear rather than harmless (rule 5.3.11)."""

EMOJI = {
    "🆘": " sos ",
    "🩸": " bleeding ",
    "🤒": " fever ",
    "🌡": " fever ",
    "🤮": " vomiting ",
    "🚑": " ambulance ",
    "😵": " faint ",
    "🥵": " fever ",
}

UNITS = frozenset(
    "day days din dino hour hours hr hrs ghante ghanta ghanton minute minutes min mins minat week weeks hafte"
    " hafta hafto month"
    " months mahine mahina year years saal sal baje am pm kg kilo km mg ml step steps kadam baar bar times time"
    " second seconds"
    " rupees rs lakh number pm- metre meter st nd rd th cm pillow floor manzil".split()
)
PLAIN = (
    "month months year years summer winter childhood possible possibly symptoms causes prevent avoid recovery"
    " common usual"
    " fewer never shallow threat weekend weeks meeting booking walking talking feeling feelings wanted waiting"
    " visit visits"
    " doctor patient thanks thank regards family friend friends number phone whatsapp message address insurance"
    " cashless"
    " price costs total lucknow hospital clinic reception appointment follow ticket train travel drive driving"
    " sitting office"
    " school college house kitchen chair table floor mattress pillow sports cricket swimming cycling running"
    " diabetes thyroid"
    " smoking smoke alcohol drinks eating foods fruit water milk curd turmeric haldi kitne kitna karna karne"
    " chahiye matlab"
    " samajh bataiye bataye batao dekho sunna sunno suniye sunte sunta suno suna shaadi paise kharcha jagah samay"
    " khana pani"
    " ghar ghumna mandir namaz puja hota hoti hoga hogi karen karte please people person place plan start starts"
    " small"
    " little large level lumber lumbar cervical disc discs nerve nerves screw screws cement brace collar scan mri"
    " images"
    " clean cleaned cleaner clearly chess cheat crest great create treat treated threats beast breast bread board"
    " boards broad"
    " blame bland block flood brood heard hearing beard stretch stroll stocks strike struck smile"
    " pairing paired repair chair stairs fears feast least lease please tease these those there where theory"
    " which while white"
    " write right night might light fight sight weight height eight freight straight strange strong string spring"
    " sting"
    " pack packs mood moods soon tired gave given give bed-rest"
    " wounded founder sounded pounded country couple bundle handle candle"
).split()
CALM = frozenset(
    "good well great nice happy comfortable fresh"
    " thanks thank dhanyavad shukriya accha acha achha acche achhe achhi badhiya"
    " khush aaram aasani easily normally regular settled cleared passed reached home".split()
)
"""Words of somebody who is well: beside them nothing alerts without a phrase."""
CRIES = frozenset(
    "sos bachao help please jaldi urgent quick fast oh hai allah bhagwan ram emergency turant doctor need want"
    " call chahiye send bulao bhejo karo aao".split()
)
"""Words of alarm that may stand beside the noun of a short cry."""
ASIDE = CRIES | {"bataiye", "bataye", "batao", "reply", "thank", "thanks", "sahab", "chinta"}
"""Said beside a report without being part of it."""
