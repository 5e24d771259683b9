"""The words of the invented data: schools, codes, names, sentences.

The rule: everything is plainly invented, and names are as difficult as real ones (apostrophes, accents,
`&`, `<`, right-to-left, combining marks, characters beyond the 16-bit plane). Codes keep leading zeros.
"""

Coded = tuple[tuple[str, str], ...]

SCHOOLS: Coded = (
    ("001", "Placeholder Primary School"),
    ("007", "Invented Elementary"),
    ("012", "St. Nobody's Academy"),
    ("045", "Écran Fictif Middle School"),
    ("0100", "Sample & Example High School"),
    ("110", "Imaginary Heights <Annex>"),
    ("A-12", "Figment Alternative Program"),
    ("900", "Nowhere Virtual School"),
)

LOCATIONS: Coded = (
    ("01", "Classroom"),
    ("02", "Hallway"),
    ("03", "Cafeteria"),
    ("04", "Bus"),
    ("05", "Gym / Locker Room"),
    ("006", "Playground"),
    ("7", "Off Campus & Elsewhere"),
)
SUBJECTS: Coded = (
    ("MA", "Mathematics"),
    ("LA", "Language Arts"),
    ("00", "None"),
    ("PE", "Physical Education"),
)
ARRANGEMENTS: Coded = (
    ("1", "Whole Class"),
    ("2", "Small Group"),
    ("3", "Independent Work"),
    ("04", "Transition"),
)
OFFENSES: Coded = (
    ("010", "Disruption"),
    ("011", "Defiance / Disrespect"),
    ("020", "Tardy"),
    ("031", "Fighting"),
    ("032", "Harassment"),
    ("040", "Dress Code"),
    ("055", "Technology Violation"),
    ("0601", "Property Damage <$100"),
)
WEAPONS: Coded = (("W1", "Slingshot (invented)"), ("W2", "Rubber Sword"))
INJURIES: Coded = (("0", "None"), ("1", "Minor"), ("02", "Medical Attention"))
ACTIONS: Coded = (
    ("A01", "Conference with Student"),
    ("A02", "Parent Contact"),
    ("A03", "Detention"),
    ("A04", "In-School Suspension"),
    ("A05", "Out-of-School Suspension"),
    ("006", "Loss of Privilege & Time"),
)

FIRST_NAMES = (
    "Testina",
    "Example",
    "Zoë",
    "Zoe\u0308",
    "Fictiva",
    "D'Invented",
    "Mockeline",
    "Núria-Prueba",
    "Bogus",
    "Jean-Faux",
    "נועה",
    "ليلى",
    "Søren",
    "Łucja",
    "Sample",
    "Ștefania",
)
LAST_NAMES = (
    "O'Placeholder",
    "Nobody",
    "Testerson",
    "Núñez-Ficticio",
    "Made & Up",
    "<Unreal>",
    "Imaginary Jr.",
    'Quoted "Nick" Name',
    "בדוי",
    "خيالي",
    "van der Nergens",
    "Foxface 🦊",
    "McSample",
    "Ünreal",
    "Nǐgòu 虛構",
    "Fi\u0301ctio",
)
STAFF_NAMES = (
    "Ms. Invented-Teacher",
    "Mr. O'Staff",
    "Dr. Présentatrice Fictive",
    "Coach <Nobody>",
    "Dean Ada & Co.",
    "Mx. 𝔘nreal",
)

GRADES = ("PK", "KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
GENDERS = ("F", "M", "X")
RACES = ("Invented A", "Invented B", "Invented C & D", "Not stated")
ETHNICITIES = ("Invented E", "Not Invented E")

SENTENCES = (
    "This incident never happened and nobody in it exists.",
    "The invented student was asked twice to put the imaginary phone away.",
    'Quote: "I didn\'t do it & neither did they" <said quietly>.',
    "A pencil (made up) rolled from one fictional desk to another.",
    "Se habló con la familia inventada; no fue necesario nada más.",
    "The placeholder teacher wrote this sentence to make the page as long as a real one.",
    "After the pretend conversation everyone returned to the pretend class.",
    "שיחה בדויה התקיימה בכיתה.",
    "Witnesses: none, since this is test data.",
    "The bus was late, the bus is imaginary, and so is the stop.",
    "Follow-up planned for a day that is not in any calendar 🗓️.",
    "Nothing was broken apart from an invented rule of the invented handbook.",
)
_SYLLABLES = (
    "ba",
    "dor",
    "fi",
    "ku",
    "lem",
    "mo",
    "nar",
    "pe",
    "qui",
    "ros",
    "sú",
    "ta",
    "vel",
    "wim",
    "xo",
    "zen",
)
NONSENSE = tuple(first + last for first in _SYLLABLES for last in _SYLLABLES)
"""Words that mean nothing: they make a description as long, and as hard to compress, as a real one."""
BREAKS = (" ", " ", " ", "\n", "\r\n", "\t", "\r")
DETAILS = ("Served during lunch.", "Call home\r\nleft a message", "", "See <file> & note", "Détails inventés")
ATTRIBUTE_NAMES = ("restorative", "bus-related", "title-ix", "notes")
