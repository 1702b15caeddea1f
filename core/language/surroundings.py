"""Words around an object that are no object: places, clothes, numbers, words that say nothing."""

from __future__ import annotations

from core.language.words import listed

COUNTS: dict[str, int] = {
    "two": 2,
    "both": 2,
    "couple [of]": 2,
    "pair [of]": 2,
    "duo [of]": 2,
    "three": 3,
    "trio [of]": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "half [a] dozen [of]": 6,
    "dozen [of]": 12,
    "dozens [of]": 12,
    "several [of]": 3,
    "few": 3,
    "group|groups [of]": 3,
    "line|row|queue|convoy|column|series|number|bunch|pack|flock|herd|stream|lot|lots|plenty of": 3,
    "numerous": 4,
    "many": 4,
    "multiple": 2,
    "crowd|crowds [of]": 5,
    "at least|minimum one": 1,
    "more than|then one": 2,
    "two or more": 2,
    "two or three": 2,
    "three or four": 3,
    "three or more": 3,
}
"""Pattern of a number word -> how many objects it asks for at least."""

TIMES = {"twice": "2", "two times": "2", "thrice": "3", "three times": "3"}

GARMENTS = frozenset(
    listed(
        "jacket coat shirt tshirt top hoodie sweater jumper pullover dress skirt trousers "
        "pants jeans shorts hat cap helmet scarf vest suit uniform backpack bag clothes "
        "clothing outfit shoes boots jersey blouse cardigan raincoat gloves beanie overalls "
        "tracksuit blazer apron turban hijab umbrella rucksack handbag suitcase leggings "
        "sneakers trainers anorak parka robe gown sweatshirt polo waistcoat coveralls"
    )
)
"""What a person wears or carries that can have a colour of its own."""

PLACES = listed(
    "light,stop sign,give way sign,yield sign,traffic light,traffic lights,traffic signal,"
    "traffic sign,road sign,signal,lights,red light,stop light,stoplight,traffic signals,"
    "green light,yellow light,amber light,intersection,junction,crossroad,crossroads,t junction,"
    "crosswalk,zebra crossing,pedestrian crossing,crossing,level crossing,roundabout,"
    "traffic circle,traffic island,corner,street corner,bus stop,tram stop,taxi stand,taxi rank,"
    "bus lane,bus station,bus shelter,parking lot,car park,parking garage,parking space,"
    "parking spot,parking bay,parking,parking area,lot,garage,driveway,street,road,main road,"
    "main street,side road,side street,cross street,one way street,dirt road,back road,"
    "highway,motorway,freeway,avenue,boulevard,alley,lane,left lane,right lane,middle lane,"
    "left hand lane,right hand lane,far lane,near lane,"
    "centre lane,center lane,fast lane,slow lane,inside lane,"
    "outside lane,inner lane,outer lane,next lane,other lane,opposite lane,oncoming lane,"
    "wrong lane,hard shoulder,shoulder,emergency lane,turn lane,left turn lane,right turn lane,"
    "turning lane,left turning lane,right turning lane,cycle lane,cycle path,bike lane,"
    "bike path,bicycle lane,pavement,sidewalk,footpath,footway,carriageway,"
    "dual carriageway,path,trail,square,plaza,park,bridge,"
    "tunnel,underpass,overpass,flyover,hill,uphill,downhill,slope,bend,curve,entrance,exit,gate,"
    "barrier,toll booth,checkpoint,building,house,shop,store,supermarket,school,church,hospital,"
    "factory,warehouse,loading bay,yard,field,gas station,petrol station,train station,station,"
    "airport,stop line,side of the road,side of the street,other side of the road,"
    "other side of the street,other side,opposite side,far side,near side,"
    "opposite side of the road,"
    "edge of the road,end of the road,end of the street,middle of the road,"
    "middle of the street,middle of the intersection,road side,roadside,kerb,curb,kerbside,"
    "curbside,verge,median,central reservation,ramp,slip road,on ramp,off ramp,foreground,"
    "background,distance,rain,snow,fog,sun,sunshine,storm,dark,darkness,"
    "night,day,dusk,dawn,daylight,daytime,nighttime,morning,evening,afternoon,noon,midday,"
    "midnight,rush hour,town,city,city centre,downtown,village,countryside,left,right,left side,"
    "right side,left hand side,right hand side,left lane of the road,right lane of the road,"
    "top,bottom,middle,centre,center,top left,top right,bottom left,bottom right,upper left,"
    "upper right,lower left,lower right,top left corner,top right corner,bottom left corner,"
    "bottom right corner,other way,wrong way,wrong direction,opposite direction,"
    "opposite directions,other direction,same direction,wrong side,"
    "wrong side of the road,left side of the road,right side of the road,left side of the street,"
    "right side of the street,end,speed bump,ground,"
    "atm,cash machine,bakery,pharmacy,cafe,hotel,restaurant,pub,library,museum,post office,"
    "police station,fire station,high street,carpark,playground,doorway,lay by,service station,"
    "town hall,city hall,traffic jam,traffic,stop,fork,end of the video,end of the clip,work zone,"
    "construction site,"
    "construction zone,accident",
    ",",
)
"""Words of place or circumstance: understood, so that "stop sign" is no stopping."""

DETERMINERS = listed(
    "a an the this that these those its his her their another other some any every each "
    "all my our your one second third fourth fifth"
)

SKIPPED = listed(
    "be do does did doing will would can could should may might must to it of he she they "
    "them him who which whose whom i we you me us show find see search look looking looks give "
    "get want list display please for where what moment moments scene scenes clip how why "
    "clips video videos footage time times frame frames picture shot camera there here am "
    "also just only very really so is up out down itself himself herself themselves away along "
    "again still now currently kind type sort colour recording recordings instance instances "
    "color coloured colored way side than hand if whether ever already first firstly both "
    "locate identify detect filter highlight retrieve tell check count example examples case "
    "cases occurrence occurrences event events situation situations where whenever somewhere "
    "anywhere somehow happen happens happened happening going about too own even fully exactly "
    "completely closely directly immediately straightaway shortly soon briefly once "
    "clad more back off over forward ok okay hello need needs like please thanks thank image "
    "images photo photos snippet snippets sequence sequences part parts else however though "
    "actually probably perhaps maybe basically apparently obviously clearly therefore thus hence "
    "ahead such everybody everyone much often its' whilst got let lets "
    "trying tries tried attempting attempts attempted preparing prepares intending possibly almost "
    "nearly even yet action kindly possible lookout fetch observed spotted filmed recorded "
    "captured yo bro pls plz lol hey u ur um uh omg lmao"
)
"""Words that say nothing that could be tested."""

SAID_TO_NOBODY = (
    "bring up",
    "at any|some point|stage|time",
    "the whole|entire time",
    "of interest",
    "footage|clips|clip|video of",
    "close up [shot] [of]",
    "one after another",
    "one after the other",
    "play the|me|back",
    "do you happen to have",
)
"""Phrases that say nothing that could be tested."""

ADVERBS = frozenset(listed("closely directly immediately just shortly soon right straight"))
