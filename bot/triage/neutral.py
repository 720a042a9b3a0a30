"""Ordinary words and names that are one slip away from a word of a sign: they mean themselves, never corrected."""

from __future__ import annotations

NEUTRAL = frozenset(
    """
    aadhaar aapka aapke aapki aasan accent access acting aksar alike angle ankon annual apple arena array arrive
    attacks automagically avahi aware baaki baare backed badhe balti basak batch bathe bazaar bearing becker
    began begin behna behta bharta bharti bhasha binding blank blead bless blowing booklet booth bottle bound
    bpain bqeeg bracked brake brian brought bubbles bunch buttons calls carries causing cctest chaliye chalte
    change changes chars chats chdir check checked checking cheer chhota chhote china choosing chopping chose
    chota chote clamp clashes classes clock clone cloned cloning clotted codes coding comma commas committee
    cores crash cross cyrus dabne dance dante deemed dekhna dekhta depth dheeli diffs dikhana dilly dinon dishes
    doing doosri drawing drugs dunno evident failed failing false farsi faster fatal feeding ffdce field files
    final finds fired firing fixed fixing float flock flush fools footer funny gains gamma ghatta gireesh goods
    grape graph greediness groff guess guessing haddi hatao heating hides hipaa honge horse hurry hwang incurred
    infer inflected inflection jaiye japan javac javah jitna kaaran kaati kahen karan kardo khaiye kilos lacks
    lagne latin lautti leading leads leased leaving lenny letter letting lexer linke listed listing locking
    locks logging loops losses lossy lower lshift lucky mapping marry mayne milla mixed modes mones mopping
    moshe movie murphy needle nisse nunna offer openssh owner packed packing padded padding paints pairs pakka
    paneer panic panva paris parsed parsing passwd patio pause paused peers pesak picking pipes piping plain
    plane plate poking poller pooch poochh pooja pooled popped porch ports powder present presume pride prime
    print prize property pudding pulled pulls pushes pushing putting queen rasta rates reilly relying resort
    rises roles sabha sabse saken salon santa saves saying scanned scans scipy scope scoped scoping scott scream
    seating seedhe seeds seeking seems sehna selling setting shade shadow shape shapes sharab shared shares
    sharing shave shawn shcorey shells shift shifting shifts shipped ships shirt shout shove shower showing
    shrink silver simple sinha sites skill skipped skipping skips slash slicing slide slots smash snell socks
    sorry sorts spare speed spelled spelling spool sport srand sstwq stable stack staff staging stale stamp
    starred stash stating staying stepping stick stone store stored stores storing street stubs stuff succeed
    succeeded succeeds suits swapped swaps sweet switch switches tapping texts thinks ticker ticks token track
    tracking trapped trick tried triple truck usable using vforks video voter wacky walls wanna wanting washing
    wazan whose willing wording worry writes writing zeros zhang zilla aadhi aleve antar anybody baato bachna
    backbone badal badle badlo baithkar baithu bal banne banta banti baraf becoming behne benefits bharat bihar
    bojha bones brand broken candidate canteen chalana chalane chalata chalu chawal chhadi chhath chhodna
    chhodne chhodni chhuti chore chores choti chutti computer daant daaru denge depressed dhoop dikhane dikhaye
    disabled donors doodh dulna effective energy faisla fayde feete fill foam forming fusing gadda gadde ganga
    ghulne halve hang hanging harmful hawai helpline herniate herniation household housework jaanche jaane jahaz
    jamna janam judti kaatni kaatte kadha kampyutar kamra karva karwa karwau katna khani kharabi khatta kholne
    kholu kneel labourer lagana lagani lagate lagaye lagwa lagwane lamba lambai laser laute leftover lenge
    levels likha maans mahanga mahwari massage mehnga messages milna milta muscles nashta nikala noticeable
    others outside overdid overdo overnight overweight package paisa papers paperwork parche patra peeling
    pehanni pehla pehne per phal pillows pochh rakhe rakhi rakhna recover reduce reherniate reherniation remove
    removing rickshaw roads rokni saathi sabka sadak safal safer samanya sardi sarkari sawalo seedha shahar
    share shehar shopping shubh sleepless snooze solid steering stitchless sunlight surgeons sutta sweep
    sweeping taalna takhat takht tarah thaila thakan throw timings tooti tootti travelling undergo understand
    unexpected upstairs videsh visitor waist walker wedding wheel youtube अंडा अंतर अपॉइंटमेंट उतारें कंप्यूटर
    कटते कटना कमरा करवा करवाई करा कराने कहते काटते काढा कामयाब कीहोल कैंटीन कॉडा खट्टा खराबी खाएं खोलने खोलूं
    गंगा गद्दा गद्दे गोल्डन घुलने चलाएं चलाता चलाना चलाने चलें चाय चालू चावल चाहिए चैट छठ छडी छुट्टी छोडना छोडने
    जडी जमना जहाज जाने जींस जुडती टाइट टालना टूटती टूटी डुलना डोनर ड्राइविंग तख्त तरह थकान थकावट थैंक थैला दमा
    दांत दारू दिखाने दिल्ली दूध देंगे धूप नदी नहा नाडा नाश्ता निकाला पर्चा पर्चे पहनकर पहनना पहनने पहनाए पहला पा
    पेंच पेटी पैसा पोंछ प्राणायाम फल फायदे फिल्म फीते फैसला फॉलो फ्लाइट बचना बचें बडा बडी बता बताएं बदल बदलो
    बनता बनती बनने बना बहना बहने बांधने बातों बिहार बैंक बैठकर बोझा भारत मना महंगा मांज मांस माना माहवारी मिलता
    मिलना रखी रहते रेडिएशन रोजा लंबी लगवा लगवाने लगाते लगाना लाना लाने लिखा लेंगे लेटर वार्ड विजिट विदेश शहर
    शावर शुभ शेविंग सकतीं सक्सेस सडक सफल सबका सरकारी सरसों सर्दी साथी सामान्य सीडी सीधा सीमा सोना सोफे स्कूल
    स्कैन स्टार स्ट्रेचिंग स्थिर स्नान स्पाइनल हटता हटा हवाई fasal फसल fawda fawra fowda फावडा dalne dalna
    dalwana dalwane डालने डालना डलवाना plate ghoom ghum ghoomna घूम घूमना thakkar थककर thakkar सुना सुनी सुने
    सुनकर sunkar leni lenee लेनी pench nights reach saalo sacks maang मांग lachak लचक farsh फर्श daftar दफ्तर
    holi होली bandhna bandhne बांधना sauna dhaga धागा sehat सेहत kanta कांटा rotis stove manjna maanjna मांजना
    goonth गूंथ dans डांस pushed paying banned taper leti लेती chudi choodi चूडी paint shots spicy laddu laddoo
    लड्डू taalne taalte टालने टालते siwa सिवा jala जला boltal sulaye सुलाएं patle पतले spells modi मोदी covers
    chalate चलाते park parks पार्क godi गोदी flesh bachti बचती backless size साइज sunai सुनाई tempo bora बोरा
    brothers charged sasta सस्ता lagakar लगाकर niji निजी data degi dengi देगी देंगी thinning dakar डकार khatti
    खट्टी khaj खाज stays stocking stockings galne गलने ubhar ubhaar उभार fading pausing march sundar सुंदर nakli
    नकली kawar cover कवर kamre कमरे khaat khat खाट sliced picked litre legal though saadhe sadhe साढे gaanv gaon
    गांव vaping rounds rubbing click asli असली sneeze sheet sheets bedsheet bedsheets dauran dauraan दौरान
    barabar बराबर ehsan ehsaan ahsan एहसान अहसान tota tote toti तोता तोते तोती ramesh kumar kumari rajesh dinesh
    rakesh umesh sunita geeta reena seema kamla sharda shanti sohan priya total totally totals kanpur कानपुर
    company kampani kampany कंपनी companies charger charjar चार्जर deadlift deadlifts bunged chatai चटाई faida
    fayda फायदा plucked bhukh bhook bhookh भूख bhukhal soun soyun सोऊं सोऊँ chuke chuka chuki चुके चुका चुकी
    चुकीं paane pane पाने pakkaa chopped chop chops slippage bearable caterer cutlery shivani shiva fallen-leaf
    charges charge perfect perfectly persent percent परसेंट chadhava chhed chhedo छेड़ो छेडो cheda scent pichle
    pichhle pichla pichhla पिछले पिछला पिछली kick kicks kicked kicking gassy dabti dabta dabte sunrise sunset
    ghisi ghisa sickle incidence galla galle गल्ला गल्ले tumbler tumblers peers patch patches singh sharma gupta
    patel khanna chawla rawat guddu munna aarti preeti shweta kumaar sunil suresh
    """.split()
)
