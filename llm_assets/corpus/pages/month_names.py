"""The names of the months, as dates on pages write them, in 36 languages.

Nominative, genitive and abbreviated forms in lower case: facts of the Unicode CLDR 47
(https://cldr.unicode.org, Unicode License v3).
"""

from functools import cache

_NAMES = (
    (
        "ene enero gen gener gennaio ian ianuarie jaan jaanuar jan janar janeiro januar januari "
        "januarie january január januára janv janvier janvāris janúar led leden ledna oca ocak "
        "saus sausio sausis sij siječanj siječnja sty styczeń stycznia tammi tammikuu tammikuuta "
        "urt urtarrila xan xaneiro ιαν ιανουάριος ιανουαρίου сту студзень студзеня січ січень "
        "січня янв январь января яну януари јан јануар јануари ינו ינואר يناير जनवरी"
    ),
    (
        "feb febbraio febr febreiro febrer febrero februar februari februarie february február "
        "februára februāris febrúar fev fevereiro févr février helmi helmikuu helmikuuta lut "
        "lutego luty ots otsaila shk shkurt vas vasario vasaris veebr veebruar velj veljača "
        "veljače úno únor února şub şubat φεβ φεβρουάριος φεβρουαρίου лют лютага лютий лютого "
        "люты феб фебруар фев февр февраль февраля февруари פבר פברואר فبراير फ़र फ़रवरी"
    ),
    (
        "bře březen března kov kovas kovo maalis maaliskuu maaliskuuta maart mac mar marca march "
        "marec maret mars mart martie marts martxoa marzec marzo març março mrt márc március mär "
        "märts märz ožu ožujak ožujka μάρ μάρτιος μαρ μαρτίου бер березень березня мар март марта "
        "сак сакавік сакавіка מרץ مارس मार्च"
    ),
    (
        "abr abril api apirila apr april aprile aprilie aprill apríl apríla aprīlis avr avril bal "
        "balandis balandžio dub duben dubna huhti huhtikuu huhtikuuta kwi kwiecień kwietnia nis "
        "nisan pri prill tra travanj travnja ápr április απρ απρίλιος απριλίου апр апрель апреля "
        "април квіт квітень квітня кра красавік красавіка אפר אפריל أبريل अप्रैल"
    ),
    (
        "geg gegužė gegužės kvě květen května mag maggio mai maiatza maig maijs maio maj maja may "
        "mayo mayıs maí mei máj mája május svi svibanj svibnja touko toukokuu toukokuuta μάι "
        "μάιος μαΐ μαΐου май мая мај трав травень травня מאי مايو मई"
    ),
    (
        "birž birželio birželis cze czerwca czerwiec eka ekaina giu giugno haz haziran iun iunie "
        "juin jun june junho juni junie junij junio juny juuni jún júna június júní jūn jūnijs "
        "kesä kesäkuu kesäkuuta lipanj lipnja qer qershor xuño červen června čvn ιουν ιουνίου "
        "ιούν ιούνιος июн июнь июня черв червень червня чэр чэрвень чэрвеня юни јун јуни יוני "
        "يونيو जून"
    ),
    (
        "heinä heinäkuu heinäkuuta iul iulie juil juillet jul julai julho juli julie julij julio "
        "juliol july juuli júl júla július júlí jūl jūlijs korr korrik liep liepa liepos lipca "
        "lipiec lug luglio srpanj srpnja tem temmuz uzt uztaila xul xullo července červenec čvc "
        "ιουλ ιουλίου ιούλ ιούλιος июл июль июля лип липень липня ліп ліпень ліпеня юли јул јули "
        "יולי يوليو जुल जुलाई"
    ),
    (
        "abu abuztua ago agost agosto agu agustus août aug august augusta augusti augusts "
        "augustus augusztus avg avgust ağu ağustos elo elokuu elokuuta gush gusht kol kolovoz "
        "kolovoza ogo ogos rugp rugpjūtis rugpjūčio sie sierpień sierpnia srpen srpna ágú ágúst "
        "αυγ αυγούστου αύγ αύγουστος авг август августа жні жнівень жніўня серп серпень серпня "
        "אוג אוגוסט أغسطس अगस्त"
    ),
    (
        "eyl eylül ira iraila rugs rugsėjis rugsėjo ruj rujan rujna sep sept septembar september "
        "septembra septembre septembrie septembris septiembre set setembre setembro settembre sht "
        "shtator syys syyskuu syyskuuta szept szeptember wrz wrzesień września zář září σεπ "
        "σεπτέμβριος σεπτεμβρίου вер верасень верасня вересень вересня сент сентябрь сентября сеп "
        "септембар септември ספט ספטמבר سبتمبر सित सितंबर"
    ),
    (
        "eki ekim loka lokakuu lokakuuta oct october octobre octombrie octubre okt oktobar "
        "oktober oktobris oktoober október októbra ott ottobre out outubro paź październik "
        "października spal spalio spalis tet tetor urr urria říj říjen října οκτ οκτωβρίου "
        "οκτώβριος жовт жовтень жовтня кас кастрычнік кастрычніка окт октобар октомври октябрь "
        "октября אוק אוקטובר أكتوبر अक्टू अक्टूबर"
    ),
    (
        "aza azaroa kas kasım lapkr lapkritis lapkričio listopadu marras marraskuu marraskuuta "
        "noiembrie nov novembar november novembra novembre novembris novembro noviembre nën "
        "nëntor nóv nóvember stu studeni studenoga νοέ νοέμβριος νοε νοεμβρίου лист листопад "
        "листопада ліс лістапад лістапада нов новембар ное ноември нояб ноябрь ноября נוב נובמבר "
        "نوفمبر नवंबर"
    ),
    (
        "abe abendua ara aralık dec decembar december decembra decembrie decembris decembro des "
        "desember desembre dets detsember dez dezember dezembro dhj dhjetor dic dicembre "
        "diciembre dis disember déc décembre gru grudnia grudzień gruod gruodis gruodžio joulu "
        "joulukuu joulukuuta pro prosinac prosinca prosince prosinec δεκ δεκέμβριος δεκεμβρίου "
        "груд грудень грудня дек декабрь декабря декември дец децембар сне снежань снежня דצמ "
        "דצמבר ديسمبر दिस दिसंबर"
    ),
)
# Names that mean different months in Croatian and in its neighbours.
_AMBIGUOUS = {
    "lip": {"pl": 7, "hr": 6},
    "lis": {"pl": 11, "cs": 11, "hr": 10},
    "listopad": {"pl": 11, "cs": 11, "hr": 10},
    "listopada": {"pl": 11, "hr": 10},
    "srp": {"cs": 8, "hr": 7},
}


def month_number(name: str, language: str | None) -> int | None:
    """Return the number of the month, 1 to 12.

    Args:
        name: a month's name or abbreviation in any case, without a full stop.
        language: the page's language tag; decides where a name means two months.
    """
    lowered = name.lower()
    by_language = _AMBIGUOUS.get(lowered)
    if by_language is not None:
        return by_language.get((language or "").lower()[:2])
    return _numbers().get(lowered)


@cache
def _numbers() -> dict[str, int]:
    return {name: n for n, names in enumerate(_NAMES, 1) for name in names.split()}
