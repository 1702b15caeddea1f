"""The nouns and colours that a question can name, with their synonyms.

Class words cover COCO's 80 classes, the demo detector's 8, and the kinds of those that people say
(sedan, lorry, cyclist...). A word that no detector knows names the classes it may hide among and
leaves the rest to the encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    "worker": ClassWord(("person",), look="worker"),
    "family": ClassWord(("person",), look="family"),
    "firefighter": ClassWord(("person",), look="firefighter"),
    "puppy": ClassWord(("dog",), look="puppy"),
    **{name: ClassWord((name,)) for name in _COCO_OTHERS.split(",")},
}
"""Canonical class word -> how to test it."""

_CLASS_SYNONYMS = {
    "car": "automobile,auto,passenger car,motor car,motorcar,motor vehicle",
    "van": "delivery van,panel van,cargo van,transit van,camper van,campervan,camper,caravan,"
    "cargo van,postal van,police van,mail van,transporter",
    "truck": "camion,lorry,hgv,rig,big rig,semi,semi truck,semi trailer truck,semi trailer,"
    "dump truck,tipper,tipper truck,dumper,cement mixer,concrete mixer,cement truck,tow truck,"
    "mail truck,freight truck,transport truck,recovery truck,"
    "articulated lorry,juggernaut,tractor trailer,delivery truck,cargo truck,heavy goods vehicle",
    "bus": "omnibus,city bus,double decker,double decker bus,public bus,transit bus,motor bus",
    "motorcycle": "moto,motorbike,motor bike,motor cycle,moped,dirt bike,quad bike",
    "bicycle": "velo,bike,pushbike,push bike,cycle,road bike,mountain bike,ebike,e bike,city bike,"
    "push cycle,pedal cycle,tandem,bmx",
    "person": "people,persons,pedestrian,human,human being,somebody,someone,anybody,anyone,walker,"
    "passer by,passerby,passersby,passers by,jogger,runner,individual,figure,folk,folks,adult,"
    "grown up,pedestrian crosser,walkers,bystander,driver,passenger,stranger,suspect,subject,"
    "person of interest,citizen,resident,tourist,shopper,owner,commuter,"
    "skateboarder,skater,commuters",
    "dog": "domestic dog,pet dog,doggy,hound,canine,pooch,doggie,labrador,poodle,terrier,"
    "german shepherd,retriever",
    "vehicle": "motor vehicle,traffic",
    "two-wheeler": "two wheeler",
    "animal": "beast,creature",
    "sedan": "saloon,saloon car",
    "suv": "svu,suvs,sports utility,offroader,off roader,off road vehicle,sport utility vehicle,"
    "sports utility vehicle,s u v,four by four,4x4",
    "hatchback": "hatch back,hatckback",
    "wagon": "station wagon,estate car,estate",
    "coupe": "coupé,coup",
    "convertible": "cabriolet,cabrio,roadster",
    "limousine": "limo",
    "sports car": "sport car,sportscar,supercar",
    "taxi": "cab,taxicab,taxi cab,yellow cab",
    "police car": "cop car,squad car,patrol car,police cruiser,police vehicle,police,cruiser",
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
    "cyclist": "bicyclist,bike rider,cyclist rider,pedal cyclist,bicycle rider,"
    "person on a bicycle,person on a bike,bicycle driver,bike driver,"
    "person on bike,person on a cycle,cycle rider,push biker,mountain biker",
    "motorcyclist": "biker,motorbiker,motorcycle rider,motorbike rider,person on a motorcycle,"
    "person on a motorbike,moped rider,motorcycle driver,motorbike driver",
    "man": "groom,guy,bloke,chap,gentleman,male,fellow,dude,gent,father,dad,male person,"
    "businessman",
    "woman": "lady,female,gal,women,mother,mum,mom,female person,businesswoman,bride",
    "child": "kid,toddler,youngster,children,schoolchild,schoolchildren,teenager,teen,youth,"
    "minor,schoolkid",
    "police officer": "policeman,policewoman,cop,officer,constable,traffic cop,traffic warden",
    "worker": "workman,construction worker,road worker,labourer,laborer,builder,postman,mailman",
    "firefighter": "fireman",
    "airplane": "plane,aeroplane,aircraft,jet",
    "train": "tram,streetcar,locomotive",
    "boat": "ship,ferry,yacht,canoe,kayak",
    "couch": "sofa",
    "bench": "park bench",
    "tv": "television,monitor",
    "cell phone": "phone,mobile phone,smartphone,mobile,cellphone",
    "handbag": "purse",
    "suitcase": "luggage",
    "refrigerator": "fridge",
    "sports ball": "ball,football,soccer ball,basketball",
    "cow": "cattle,bull",
    "horse": "pony",
    "bird": "pigeon,gull,seagull,crow",
    "cat": "kitten,kitty,domestic cat,pet cat,house cat",
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
    "white": "whit,snow white,whitish,off white",
    "black": "blak,jet black,blackish",
    "grey": "gray,gery,charcoal,graphite,gunmetal,greyish,grayish",
    "silver": "sliver,silvery,chrome",
    "red": "scarlet,crimson,cherry,reddish,rde",
    "blue": "azure,bluish,bule,cobalt",
    "green": "olive,lime,emerald,greenish",
    "yellow": "yellowish,amber",
    "brown": "brownish,chocolate,bronze,copper",
    "purple": "violet,lilac,lavender,mauve,magenta,purplish,plum",
    "pink": "rose,fuchsia,pinkish,salmon",
    "maroon": "burgundy,wine,wine red,oxblood",
    "beige": "tan,cream,ivory,sand,khaki",
    "gold": "golden,champagne",
    "turquoise": "teal,cyan,aqua",
    "navy": "navy blue",
    "dark": "dark coloured,dark colored,dark colour,dark color",
    "light": "light coloured,light colored,light colour,light color,pale",
    "colourful": "colorful,multi coloured,multi colored,multicoloured,multicolored,"
    "brightly coloured",
}


_BRANDS = {
    "car": "ford,toyota,chevy,chevrolet,honda,bmw,audi,tesla,mercedes,mercedes benz,benz,"
    "volkswagen,vw,"
    "nissan,kia,hyundai,volvo,fiat,renault,peugeot,citroen,opel,vauxhall,mazda,subaru,suzuki,lexus,"
    "porsche,ferrari,lamborghini,jaguar,bentley,rolls royce,mini cooper,skoda,seat ibiza,dacia,"
    "mitsubishi,infiniti,acura,cadillac,buick,chrysler,dodge,gmc,lincoln,pontiac,range rover,"
    "land rover,hummer,cybertruck,prius,golf gti,beetle,corolla,camry,civic,mustang,corvette,lada",
    "van": "ford transit,mercedes sprinter,sprinter",
    "truck": "scania,iveco,kenworth,peterbilt,f150",
    "motorcycle": "harley,harley davidson,ducati,yamaha,kawasaki",
    "": "ups,dhl,fedex,amazon,usps,tnt,ikea,coca cola,pepsi,mcdonalds,tesco,greyhound,uber,lyft",
}
DETAILS = (
    "[left|right] turn signal|signals|indicator|indicators|blinker|blinkers",
    "[left|right] indicator|indicators|blinker|blinkers",
    "hazard|brake|tail|warning|flashing|fog|reversing|front|rear light|lights",
    "license|licence|number plate|plates",
    "roof rack",
    "indicating|signalling|signaling [to] [the] left|right",
    "facing|looking [towards|toward|at|into|away] [from] the camera",
    "[as] seen from behind|above|ahead",
    "[as] seen from the front|rear|back|side|left|right|top",
    "walking stick|cane|frame",
    "parking ticket|meter|sensor",
)
"""Things on a vehicle whose words would otherwise be taken for motion or place."""


def brand_phrases() -> dict[str, str]:
    """Names of makers and firms, and the class that their bare name stands for, "" for none."""
    return {brand: name for name, brands in _BRANDS.items() for brand in brands.split(",")}


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
