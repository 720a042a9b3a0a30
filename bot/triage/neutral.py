"""Ordinary words that are one slip away from a word of a sign, and mean themselves: never corrected to it."""

from __future__ import annotations

NEUTRAL = frozenset(
    """
    aadhaar aapka aapke aapki aasan accent access acting aksar alike angle ankon annual apple arena array arrive
    attacks automagically avahi aware baaki baare backed badhe balti basak batch bathe bazaar bearing becker began
    begin behna behta bharta bharti bhasha binding blank blead bless blowing booklet booth bottle bound bpain
    bqeeg bracked brake brian brought bubbles bunch buttons calls carries causing cctest chaliye chalte change
    changes chars chats chdir check checked checking cheer chhota chhote china choosing chopping chose chota chote
    clamp clashes classes clock clone cloned cloning clotted codes coding comma commas committee cores crash cross
    cyrus dabne dance dante deemed dekhna dekhta depth dheeli diffs dikhana dilly dinon dishes doing doosri
    drawing drugs dunno evident failed failing false farsi faster fatal feeding ffdce field files final finds
    fired firing fixed fixing float flock flush fools footer funny gains gamma ghatta gireesh goods grape graph
    greediness groff guess guessing haddi hatao heating hides hipaa honge horse hurry hwang incurred infer
    inflected inflection jaiye japan javac javah jitna kaaran kaati kahen karan kardo khaiye kilos lacks lagne
    latin lautti leading leads leased leaving lenny letter letting lexer linke listed listing locking locks
    logging loops losses lossy lower lshift lucky mapping marry mayne milla mixed modes mones mopping moshe movie
    murphy needle nisse nunna offer openssh owner packed packing padded padding paints pairs pakka paneer panic
    panva paris parsed parsing passwd patio pause paused peers pesak picking pipes piping plain plane plate poking
    poller pooch poochh pooja pooled popped porch ports powder present presume pride prime print prize property
    pudding pulled pulls pushes pushing putting queen rasta rates reilly relying resort rises roles sabha sabse
    saken salon santa saves saying scanned scans scipy scope scoped scoping scott scream seating seedhe seeds
    seeking seems sehna selling setting shade shadow shape shapes sharab shared shares sharing shave shawn shcorey
    shells shift shifting shifts shipped ships shirt shout shove shower showing shrink silver simple sinha sites
    skill skipped skipping skips slash slicing slide slots smash snell socks sorry sorts spare speed spelled
    spelling spool sport srand sstwq stable stack staff staging stale stamp starred stash stating staying stepping
    stick stone store stored stores storing street stubs stuff succeed succeeded succeeds suits swapped swaps
    sweet switch switches tapping texts thinks ticker ticks token track tracking trapped trick tried triple truck
    usable using vforks video voter wacky walls wanna wanting washing wazan whose willing wording worry writes
    writing zeros zhang zilla
    """.split()
)
