"""Short texts in many scripts, and the strings that break tokenizers.

The texts are the first article of the declaration of human rights (public domain).
"""

from functools import cache

from llm_assets.corpus.tokenization.tokenizer_training import train_tokenizer

END = "<|endoftext|>"

ARTICLES = (
    "All human beings are born free and equal in dignity and rights. They are endowed with reason "
    "and conscience and should act towards one another in a spirit of brotherhood.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und "
    "Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
)

HOSTILE = (
    "",
    " ",
    "\n\n\n",
    "\x00",
    "a\x00b\x1c\x1d",
    END,
    f"x{END}y{END}{END}",
    "<|endoftext|",
    "<s></s>[INST]<unk>",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
    "e\u0301\u0301\u0301",
    "\u200b\ufeff\u2028\u0085\u00a0\u3000",
    "\U0010ffff\ufffe\ud7ff\ue000",
    "ſ K İ ǅ 'ſ 'LL it'S",
    "word" * 500,
    "-" * 5_000,
    " " * 5_000,
    "1234567890" * 50,
    "\r\n\r \t\r",
    "$x^2$ \\n {'a': [1]} // /* */ http://a.b/?c=d&e#f",
)


@cache
def small_tokenizer_json() -> str:
    """A vocabulary of 600, trained on the articles."""
    return train_tokenizer(ARTICLES * 2, 600, END)
