"""The nouns and colours that a question can name, with their synonyms.

Class words cover COCO's 80 classes, the demo detector's 8, and the kinds of those that people say
(sedan, lorry, cyclist...). A word that no detector knows names the classes it may hide among and
leaves the rest to the encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.search.words import listed

Mixture = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ClassWord:
    """A noun and how to test it.

    exact: detector classes that mean just this; a two-wheeler's includes its riders. moving: those
    that mean it when they move, because nothing on two wheels does so by itself. wide: classes it
    hides among when the detector knows none of these. look: the words that the encoder compares,
    or "" when the class says all. two_wheeler: somebody rides on it, so that "man riding a ..." is
    this object.
    """

    exact: tuple[str, ...]
    wide: tuple[str, ...] = ()
    moving: tuple[str, ...] = ()
    look: str = ""
    two_wheeler: bool = False


VEHICLES = ("car", "van", "truck", "bus", "motorcycle")
CLASS_GROUPS: tuple[tuple[str, ...], ...] = (
    ("car", "van", "truck", "bus"),
    ("motorcycle", "bicycle"),
    ("person",),
    ("dog", "cat", "horse", "sheep", "cow", "bear"),
)
"""Classes that detectors mistake for one another."""

_COCO_OTHERS = (
    "airplane,train,boat,traffic light,fire hydrant,parking meter,bench,bird,cat,horse,sheep,cow,"
    "elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,"
    "sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,"
    "wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,broccoli,carrot,hot dog,pizza,"
    "donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,"
    "cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,"
    "hair drier,toothbrush"
)

CLASS_WORDS: dict[str, ClassWord] = {
    "car": ClassWord(("car",)),
    "van": ClassWord(("van",), ("car", "truck", "bus"), look="van"),
    "truck": ClassWord(("truck",)),
    "bus": ClassWord(("bus",)),
    "motorcycle": ClassWord(("motorcycle",), two_wheeler=True),
    "bicycle": ClassWord(("bicycle",), two_wheeler=True),
    "person": ClassWord(("person",)),
    "dog": ClassWord(("dog",)),
    "vehicle": ClassWord(VEHICLES),
    "two-wheeler": ClassWord(("motorcycle", "bicycle"), two_wheeler=True),
    "animal": ClassWord(
        ("dog", "cat", "bird", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
    ),
    "sedan": ClassWord(("car",), look="sedan"),
    "suv": ClassWord(("car",), look="suv"),
    "hatchback": ClassWord(("car",), look="hatchback"),
    "wagon": ClassWord(("car",), look="wagon"),
    "coupe": ClassWord(("car",), look="coupe"),
    "jeep": ClassWord(("car",), look="jeep"),
    "crossover": ClassWord(("car",), look="crossover"),
    "convertible": ClassWord(("car",), look="convertible"),
    "limousine": ClassWord(("car",), look="limousine"),
    "sports car": ClassWord(("car",), look="sports car"),
    "taxi": ClassWord(("car",), look="taxi"),
    "police car": ClassWord(("car",), look="police car"),
    "minivan": ClassWord(("van", "car"), ("car",), look="minivan"),
    "minibus": ClassWord(("van", "bus"), ("bus", "truck"), look="minibus"),
    "ambulance": ClassWord(("van", "truck", "car", "bus"), look="ambulance"),
    "pickup": ClassWord(("truck", "car"), look="pickup"),
    "fire truck": ClassWord(("truck", "bus"), look="fire truck"),
    "garbage truck": ClassWord(("truck",), look="garbage truck"),
    "box truck": ClassWord(("truck",), look="box truck"),
    "flatbed": ClassWord(("truck",), look="flatbed truck"),
    "trailer": ClassWord(("truck",), look="trailer"),
    "tanker": ClassWord(("truck",), look="tanker"),
    "coach": ClassWord(("bus",), look="coach"),
    "school bus": ClassWord(("bus",), look="school bus"),
    "scooter": ClassWord(("motorcycle", "bicycle"), look="scooter", two_wheeler=True),
    "cyclist": ClassWord(("cyclist",), ("person",), ("bicycle",), two_wheeler=True),
    "motorcyclist": ClassWord(("motorcyclist",), ("person",), ("motorcycle",), two_wheeler=True),
    "rider": ClassWord(
        ("cyclist", "motorcyclist"), ("person",), ("bicycle", "motorcycle"), two_wheeler=True
    ),
    "man": ClassWord(("person",), look="man"),
    "woman": ClassWord(("person",), look="woman"),
    "child": ClassWord(("person",), look="child"),
    "boy": ClassWord(("person",), look="boy"),
    "girl": ClassWord(("person",), look="girl"),
    "police officer": ClassWord(("person",), look="police officer"),
    "puppy": ClassWord(("dog",), look="puppy"),
    **{name: ClassWord((name,)) for name in _COCO_OTHERS.split(",")},
}
"""Canonical class word -> how to test it."""

_CLASS_SYNONYMS = {
    "car": "automobile,auto,passenger car,motor car,motorcar,motor vehicle",
    "van": "delivery van,panel van,cargo van,transit van",
    "truck": "lorry,hgv,rig,big rig,semi,semi truck,semi trailer truck,eighteen wheeler,"
    "articulated lorry,juggernaut,tractor trailer,delivery truck,cargo truck,heavy goods vehicle",
    "bus": "omnibus,city bus,double decker,double decker bus,public bus,transit bus,motor bus",
    "motorcycle": "motorbike,motor bike,motor cycle,moped",
    "bicycle": "bike,pushbike,push bike,cycle,road bike,mountain bike,ebike,e bike,city bike",
    "person": "people,persons,pedestrian,human,human being,somebody,someone,anybody,anyone,walker,"
    "passer by,passerby,passersby,jogger,runner,individual,figure,folk",
    "dog": "doggy,hound,canine,pooch",
    "vehicle": "motor vehicle,traffic",
    "two-wheeler": "two wheeler",
    "animal": "beast,creature",
    "sedan": "saloon,saloon car",
    "suv": "svu,suvs,sport utility vehicle,sports utility vehicle,s u v,four by four,4x4",
    "hatchback": "hatch back,hatckback",
    "wagon": "station wagon,estate car,estate",
    "coupe": "coupé,coup",
    "convertible": "cabriolet,cabrio,roadster",
    "limousine": "limo",
    "sports car": "sport car,sportscar,supercar",
    "taxi": "cab,taxicab,taxi cab,yellow cab",
    "police car": "cop car,squad car,patrol car,police cruiser,police vehicle",
    "minivan": "mini van,mpv,people carrier,multi purpose vehicle",
    "minibus": "mini bus,shuttle bus,shuttle",
    "pickup": "pick up truck,pickup truck,pick up lorry,ute,pick up van",
    "fire truck": "fire engine,firetruck",
    "garbage truck": "bin lorry,refuse truck,trash truck,dustcart,rubbish truck",
    "box truck": "box lorry,box van",
    "flatbed": "flatbed truck,flat bed,flat bed truck,flatbed lorry",
    "tanker": "tank truck,tanker truck,fuel truck",
    "coach": "tour bus,tourist bus",
    "scooter": "motor scooter,vespa,motorscooter",
    "cyclist": "bicyclist,bike rider,bicycle rider,person on a bicycle,person on a bike,"
    "person on bike,person on a cycle,cycle rider,push biker,mountain biker",
    "motorcyclist": "biker,motorbiker,motorcycle rider,motorbike rider,person on a motorcycle,"
    "person on a motorbike,moped rider",
    "man": "guy,gentleman,male,bloke,fellow,dude,gent",
    "woman": "lady,female,gal,women",
    "child": "kid,toddler,youngster,children",
    "police officer": "policeman,policewoman,cop",
    "airplane": "plane,aeroplane,aircraft,jet",
    "train": "tram,streetcar,locomotive,trolley",
    "boat": "ship,ferry,yacht,canoe,kayak",
    "couch": "sofa",
    "tv": "television,monitor",
    "cell phone": "phone,mobile phone,smartphone,mobile,cellphone",
    "handbag": "purse",
    "suitcase": "luggage",
    "refrigerator": "fridge",
    "sports ball": "ball,football,soccer ball,basketball",
    "cow": "cattle,bull",
    "horse": "pony",
    "bird": "pigeon,gull,seagull,crow",
    "cat": "kitten,kitty",
    "skateboard": "longboard",
}


@dataclass(frozen=True, slots=True)
class ColourWord:
    """A colour name as weights over the twelve measured colours; its own test is their sum."""

    mixture: Mixture


COLOUR_WORDS: dict[str, ColourWord] = {
    "white": ColourWord({"white": 1.0, "silver": 0.1}),
    "black": ColourWord({"black": 1.0, "grey": 0.05}),
    "grey": ColourWord({"grey": 1.0, "silver": 0.35}),
    "silver": ColourWord({"silver": 1.0, "grey": 0.35, "white": 0.05}),
    "red": ColourWord({"red": 1.0}),
    "blue": ColourWord({"blue": 1.0}),
    "green": ColourWord({"green": 1.0}),
    "yellow": ColourWord({"yellow": 1.0}),
    "orange": ColourWord({"orange": 1.0}),
    "brown": ColourWord({"brown": 1.0}),
    "purple": ColourWord({"purple": 1.0}),
    "pink": ColourWord({"pink": 1.0}),
    "maroon": ColourWord({"red": 0.8, "brown": 0.6, "purple": 0.5}),
    "navy": ColourWord({"blue": 1.0, "black": 0.1}),
    "beige": ColourWord({"brown": 0.6, "white": 0.4, "yellow": 0.4, "silver": 0.3, "orange": 0.2}),
    "gold": ColourWord({"yellow": 0.9, "brown": 0.5, "orange": 0.4}),
    "turquoise": ColourWord({"blue": 0.8, "green": 0.7}),
    "dark": ColourWord({"black": 1.0, "grey": 0.6, "brown": 0.6, "blue": 0.4, "purple": 0.4}),
    "light": ColourWord({"white": 1.0, "silver": 0.9, "yellow": 0.4, "pink": 0.4}),
    "colourful": ColourWord(
        dict.fromkeys(("red", "blue", "green", "yellow", "orange", "purple", "pink", "brown"), 1.0)
    ),
}
"""Canonical colour word -> which measured colours count as it, and how much."""

SHADES: dict[str, Mixture] = {
    "dark grey": {"grey": 1.0, "black": 0.5},
    "light grey": {"grey": 0.8, "silver": 1.0, "white": 0.2},
    "dark red": {"red": 1.0, "brown": 0.4, "purple": 0.3},
    "dark blue": {"blue": 1.0, "black": 0.15, "purple": 0.15},
    "light blue": {"blue": 1.0, "silver": 0.1},
    "dark green": {"green": 1.0, "black": 0.15},
    "light brown": {"brown": 1.0, "orange": 0.2, "yellow": 0.2, "silver": 0.1},
    "light red": {"red": 0.8, "pink": 0.8, "orange": 0.2},
    "dark brown": {"brown": 1.0, "black": 0.2},
    "light purple": {"purple": 1.0, "pink": 0.5},
}
"""Shades whose measured colours differ from those of the plain word."""

_COLOUR_SYNONYMS = {
    "white": "whit,snow white",
    "black": "blak,jet black",
    "grey": "gray,gery,charcoal,graphite,gunmetal,greyish,grayish",
    "silver": "sliver,silvery,chrome",
    "red": "scarlet,crimson,cherry,reddish,rde",
    "blue": "azure,bluish,bule,cobalt",
    "green": "olive,lime,emerald,greenish",
    "yellow": "yellowish,amber",
    "brown": "brownish,chocolate,bronze,copper",
    "purple": "violet,lilac,lavender,mauve,magenta",
    "pink": "rose,fuchsia",
    "maroon": "burgundy,wine,wine red,oxblood",
    "beige": "tan,cream,ivory,sand,khaki",
    "gold": "golden,champagne",
    "turquoise": "teal,cyan,aqua",
    "navy": "navy blue",
    "dark": "dark coloured,dark colored,dark colour,dark color",
    "light": "light coloured,light colored,light colour,light color,pale",
    "colourful": "colorful,multicoloured,multicolored,brightly coloured",
}

COUNTS: dict[str, int] = {
    "two": 2,
    "both": 2,
    "couple": 2,
    "pair": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "several": 3,
    "group": 3,
    "many": 4,
    "multiple": 2,
    "crowd": 5,
}

GARMENTS = frozenset(
    listed(
        "jacket coat shirt tshirt top hoodie sweater jumper pullover dress skirt trousers "
        "pants jeans shorts hat cap helmet scarf vest suit uniform backpack bag clothes "
        "clothing outfit shoes boots jersey blouse cardigan raincoat gloves beanie overalls"
    )
)
"""What a person wears or carries that can have a colour of its own."""

PLACES = listed(
    "light,stop sign,traffic light,traffic lights,traffic signal,signal,lights,red light,"
    "green light,yellow light,intersection,junction,crossroad,crossroads,t junction,"
    "crosswalk,zebra crossing,pedestrian crossing,crossing,roundabout,corner,street corner,"
    "bus stop,bus lane,bus station,parking lot,car park,parking space,parking spot,"
    "parking bay,parking,garage,driveway,street,road,main road,side road,side street,"
    "highway,motorway,freeway,avenue,boulevard,lane,left lane,right lane,middle lane,"
    "turn lane,left turn lane,right turn lane,turning lane,cycle lane,bike lane,pavement,"
    "sidewalk,footpath,path,square,plaza,park,bridge,tunnel,hill,bend,curve,entrance,gate,"
    "building,house,shop,gas station,petrol station,train station,stop line,"
    "side of the road,side of the street,middle of the road,middle of the street,road side,"
    "roadside,kerb,curb,median,ramp,foreground,background,distance,rain,snow,fog,sun,"
    "night,day,dusk,dawn,daylight,daytime,nighttime,morning,evening,afternoon,noon,town,"
    "city,left,right,left side,right side,left hand side,right hand side,top,bottom,middle,"
    "centre,center",
    ",",
)
"""Words of place or circumstance: understood, so that "stop sign" is no stopping."""


def class_phrases() -> dict[str, str]:
    """Every way to say a class, singular, and the canonical word it stands for."""
    phrases = {word.replace("-", " "): word for word in CLASS_WORDS}
    for word, synonyms in _CLASS_SYNONYMS.items():
        phrases.update(dict.fromkeys(synonyms.split(","), word))
    return phrases


def colour_phrases() -> dict[str, str]:
    """Every way to say a colour, and the canonical word it stands for."""
    phrases = {word: word for word in COLOUR_WORDS}
    for word, synonyms in _COLOUR_SYNONYMS.items():
        phrases.update(dict.fromkeys(synonyms.split(","), word))
    return phrases


def mixture(colour: str) -> Mixture:
    """Weights over the measured colours for a canonical colour word ("red", "dark blue").

    Raises KeyError for anything else.
    """
    if colour in SHADES:
        return SHADES[colour]
    return COLOUR_WORDS[colour.removeprefix("dark ").removeprefix("light ")].mixture
