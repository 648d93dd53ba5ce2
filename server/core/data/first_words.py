"""The first words of names: 2,048, of the kind of adjectives.

Chosen by hand for this server, with candidates from the lists of friendlywords and
wonderwords (MIT), coolname (BSD-2-Clause), petname (Apache-2.0), randomname (MIT),
random-word-slugs and superb (MIT), diceware (GPL-3.0-or-later) and WordNet 3.1 (WordNet licence).
A name is a pair of places, and is translated by them: once another language has its list, a word
here may be exchanged, but none may move.
"""

from __future__ import annotations

TEXT = """
abiding able aboard abounding absolute abstract abundant academic accented accurate acoustic
acrobatic acrylic active actual adaptable adaptive adept adequate admirable admired admiring
adorable adored advanced advancing aerial affable aflutter afternoon agate ageless agile aglow
agreeable agreed ahead airy ajar akin alabaster alert alfresco alike alive almond alpine
alternate amazing ambient ambitious ambling amenable amethyst amiable amicable amusing anchored
ancient angular animated antarctic antique appealing applauded apricot apt aqua aquatic arboreal
arcane arched arching archival arctic ardent aromatic arranged arriving artful artistic arty
ascending aspiring assorted assured assuring astir astral astute athletic attentive attuned
audible aural austral authentic automatic autumnal available avian awake awakened awakening
aware awesome azure back backlit backyard baggy baking balanced balancing balcony balletic balmy
balsa balsamic banded bannered baroque basalt basic basking bayside beaded beaming beauteous
becalmed bedecked befitting beige belted benign bespoke best big billowing billowy bionic
birchwood blameless blending blissful blithe blocky blooming blossomed blue blueberry bluesy
bluish blurred blushing bobbing bold bonfire bonus bookish booming bordered botanic botanical
bottled bounding boundless bounteous bountiful bowing bracing braided brainy brambly branched
branching brass brave bravura breakfast breezy brewing brick bridged brief bright brilliant
brimming brindle briny brisk bristly brocade bronze brushed bubbling bubbly buckled bucolic
budding building bundled buoyant burlap burnished bustling busy butterfly buttery buttoned cabin
calico calm cameo campfire candid candied candlelit canvas capable capacious capering carbon
cardamom cardboard carefree careful caring carnival carpeted cartoon carved cascading cashmere
casual catchy cautious cavernous ceaseless cedar ceiling celadon celestial central ceramic
cerise certain certified cerulean chalk chalky champion charcoal charmed chatty checked cheerful
cheering cheery chenille chequered cherished chestnut chic chiffon chilled chilly chiming
chipper chirping chirpy chivalric choice choral chromatic chuckling chummy cinema cinematic
cinnabar cinnamon circling circular circus citric citrine citrus citywide civic civil clapboard
clapping clarion classic classical classy clean clear clever cliffside climbing clinking
clockwork cloudless cloudlike cloudy clustered coastal coasting coated cobalt cobbled cogent
coherent cohesive coiled coiling collected colonnade colourful combined comforted comfy comic
comical communal compact compass complete composed concert concise concord concrete condensed
confident confirmed congenial conical connected consoling constant convex convivial cool cooling
copious copper coppery coppiced corded cordial corduroy core corkscrew cornmeal cosmic cosy
cottage country courteous courtyard covered crackling crafted crafty craggy cranberry crayon
creative credible crescendo crested cresting crimped crimson crinkled crinkling crinkly crisp
crisped crispy crochet crooning crowned crowning crucial crunchy cubic cubical cubist culinary
cultured curated curious curled curling curly current cursive curved cushioned cushy custom
customary cyan cyclic cycling dabbling dainty damask damson dancing dapper dappled daring
darting dauntless dawdling dawning daybreak daylight daylong daytime dazzled dazzling debonair
decent decimal decisive decorated decorous dedicated deep definite deft delicate delighted
deluxe denim deserving designed devoted dewy diagonal diamond didactic different diffuse
dignified diligent dipping direct distant distinct diurnal diverse diverting diving docked
dockside domed doodling dotted double doubled doubtless dovetail downhill downtown downwind
downy dramatic draped dreaming dreamland dreamlike dreamy dressy drifting driftwood drizzly
droll drowsy drumming dual dulcet durable dusted dutiful dynamic eager earliest early earned
earthen earthy eastbound easterly eastward easygoing echoing eclectic eclipsed ecru edged edible
educated eggshell eiderdown eighth elastic elated electric elegant elemental elevated eleventh
elfin elfish elliptic eloquent elusive elvish embarking embossed embraced emerald emerging
eminent emotive empathic emphatic enamel enchanted encored endearing endless enduring energetic
engaged engaging engraved engrossed enhanced enigmatic enjoyable enjoyed enjoying enriched
enriching enviable ephemeral epic equable equal equinox erudite essential esteemed etched
ethereal ethical euphonic even evening eventful eventual evergreen everyday evident evocative
excellent exemplary expanding expansive expert exquisite extensive exuberant exultant fabled
fabric fabulous faceted facile fairytale faithful fallow famed familiar famous fanciful fancy
fanned fantastic far faraway farmhouse farmland fast fastened favourite fearless feasible
feathered feathery felt fernlike fervent festal festival festive festooned fictional fiery fifth
filigree fine finished fireglow firelight firelit fireside first firsthand fitting fizzing fizzy
flagstone flannel flaring flattened flawless flaxen flecked fleece fleecy fleet fleeting
flexible flint flinty flitting floating floaty flocking floodlit floral florid flouncy flourish
flowered flowering flowery flowing fluent fluffy fluted fluttery flying focal focused foggy
folded folding folksy following fond footloose foraging foremost forested formal fortunate
forward fountain fourfold fourth fractal fragrant framed free freeform freehand frequent fresh
fretted friendly frilled frilly fringed frosted frosty frothy frozen frugal fruited fruitful
fruitwood fuchsia funny furnished future fuzzy gainful galactic gallant gallery galloping galore
garden gardened gardening garlanded garnished gauzy gazing generous genial genteel gentle
genuine geometric giant gifted gigantic giggling giggly gilded gilding gingham giving glacial
glad gladdened glamorous glancing glassy glazed gleaming gleeful glinting glittery global
globular glorious glossed glossy gloved glowing gold golden good goodly gossamer gourmet gowned
graceful gracious graded gradual grained grainy granary grand granite graphic graphite grassland
grassy grateful gravelly great green greenish greenwood greeting grey grinning grounded growing
guarded guided guiding guileless guitar gusty halfway handheld handmade handwoven happy harbour
hardwood hardy harmonic harvest haystack hazelnut hazelwood hazy heartened heartfelt heartwood
hearty heathery heathland helical helpful helping heralded heraldic herbal heroic hexagonal
hickory hidden highland highroad hiking hilarious hillside hilltop hilly hinged historic holiday
holistic homemade homespun homestead homeward honest honeyed honoured hooting hopeful hopping
hosting hourly hovering humble humming humorous hushed iced icy ideal idealized idyllic
imaginary imagined impartial important imposing improved improving incoming indigo indoor
infinite informal informed ingenious inky inlaid inland inner inshore inside inspired inspiring
instant insulated integral intrepid intricate intrigued intrinsic intuitive invented inventing
inventive invisible invited inviting inward ionic iron island italic jacquard jangling jaunty
jazzy jesting jingling jingly jocular jogging jolly jovial joyful joyous jubilant judicious
juggling jumbled jumping jumpy kayaking keen keepsake key kindled kindling kindly kindred
kinetic kitchen knitted knitting knowing lacquer lacquered lakeland lakeshore lakeside lambent
laminated lamplight lamplit large lasting late latest lattice latticed laudable lauded laughing
lavender lavish layered leafy leaping learned learning legendary legible leisured leisurely
lemon lemonade lemony lenient level library lichened lifelong lifted lifting light lighted
lightfoot likely lilac lilting limber limelight limestone limewood limitless linear linen
lingering linked linseed liquid listed listening literary lithe little littoral livable lively
living loafing loamy local lofty logical longhand lovely lowland loyal lucid lucky luminous
lunar lunchtime lustrous luxuriant luxurious lyric lyrical magenta magic magical magnetic
magnified mahogany main mainland majestic manifold mantled maple marble marbled marginal
marigold maritime market marmalade marshy matchless material matte matted mauve maximal maximum
meadowy measured medley mellow mellowing melodic melodious melody melted melting memorable
mended mending merino metallic meteoric metric metrical mica midday middle midland midnight
midsummer midway midweek midwinter mighty mild millstone mindful mingling mini miniature minted
minty mirrored mirthful mistral model modern modest modified modish modular mohair moleskin
momentous montane monthly moonbow moonlight moonlit moonrise moored moorland morning mosaic
mossy motley mottled mountain movable moved moving mulberry multihued multiple mural murmuring
museum music musical musing muslin mustard muted mutual myriad mythic mythical napping natty
natural nautical navy near nearby neat nebular nectarine needled neon nested nesting nestling
neutral new newfound newly next nice nickel nifty nightfall nightly nighttime nimble ninefold
ninth noble nocturnal nocturne nodding noiseless nonstop noonday noontime north northerly
northland northward nostalgic notable notched notebook noticed nourished novel nuanced numbered
nutritive oaken oakwood oaky oaten oatmeal oblong observant observed oceanic ochre octagonal
offbeat offshore oilcloth olden oncoming onshore onstage onward onyx opaline opaque open opened
opening operatic optical optimal optimum opulent orbital orbiting orchard orderly ordinary
organic original ornate outbound outdoor outer outgoing outspoken outspread outward oval
overhead overjoyed overland overnight ovoid painted painting palace palatable palatial palmate
panoramic paprika papyrus parading parallel parchment parkside parquet pastel patched patchwork
patchy patient patterned paved peaceable peaceful pearled pearly peatland pebbled pebbly pecan
peerless pendant pensive peppered peppery peppy perched perching perennial perfect perfected
perfumed permanent perpetual persimmon petalled pewter pictorial pillared pillowed piloted
piloting pine pinewood piped piping pistachio pivotal pivoting placid plaid plaited planar
planetary planting plaster platinum playable played playful playing playtime pleasant pleased
pleasing plenteous plentiful plucky plumed plush pocket poetic pointed poised polar polite
pondering poplin popular porcelain porch portable portside positive postal postbox postcard
pottering powerful practical pragmatic prairie prancing precise premium prepared present
priceless primary prismatic pristine prize prized proactive profound prolific prominent
promising prompt proper provident prudent puckish puddling punctual purple purplish puttering
puzzled puzzling quaint quality quantum quartz quartzite quaver quayside quick quiescent quiet
quilled quilted quilting quirky quixotic quizzical quotable quoted racing radial radiant
radiating raffia raftered ragtime railway rainfall rainlit rainswept rallying rambling rapid
rapturous rare rarefied raspberry rattan readable readied reading ready real recent redwood
reeded reedy refined refreshed regal regular rejoicing rekindled relaxed relaxing reliable
reliant remote renewable renewed renewing renowned resilient resinous resolute resolved resonant
restful restored retro returning reunited revealing revived revolving rewarding rhapsodic rhymed
rhyming rhythmic ribboned riddle ridged rimmed ringing ripening rippling rising riverine
riverside riveted riveting roadside roaming roaring robust rolled rolling rooftop roomy roseate
rosewood rotary rounded roving rowing rugged rumbling runic running rural rushing russet rustic
rustling saddled safe sailing salient salted saltwater salutary sandstone sanguine sapphire
satin satiny savoury savvy scalloped scenic scholarly sculling sculpted seaborne seafaring
seafoam seagoing searching seashore seaside seasonal seasoned seaspray seated seaward seaworthy
second seemly selective selfless sensible sentient sepia serene serious sesame settled seventh
sewing shadow shadowed shadowy shady shared sharing sharp sheltered shielded shimmer shimmery
shining shiny shipshape shoreline showery showy shuffling shy sidelong sidereal silent silken
silky silver silvered silvery similar simmering simple sincere singing singular sinuous sixfold
sizable sizzling skating sketched sketching skilled skimming skipping skyborne skylight skyline
skyward slatted sledding sleek sleepy sleety sliding sloping small smart smiling smoky smooth
smoothed snappy snazzy snoozing snowbound snowclad snowfall snowlit snug soaring sociable social
soft softwood solar solid solitary solstice solved sonic sonorous soothed soothing soulful south
southerly southward spacious spangled sparkling sparkly spatial special speckled spectral speedy
spheric spherical spiffy spiky spinning spiral spirited splashed splashing splendid sporting
sporty spotless spotted sprightly spring springy sprouted sprouting spruced spry square squared
squiggly stable stalwart starlight starlike starlit starring starry stately staunch steadfast
steadied steady stealthy steel steep steepled stellar stereo still stippled stirred stitched
stoked stone stoneware stonework stony storied storybook streaky streaming striding striped
stripy strolling strong strumming studio studious studying sturdy stylish stylized suave
subarctic sublime subtle suburban succinct sudsy sugared sugary summery sumptuous sunburst
sundown sundried sundry sunlight sunlit sunning sunny sunnyside sunrise sunset sunshine sunward
sunwarmed superb sure surfing surfside surging surreal swanlike swaying sweeping sweet swift
swimming swirled swirling swirly swishing swooping swooshing sylvan symbolic symmetric symphonic
tabby tabular tactful taffeta tailored talented talkative tame tangerine tangible tangy tapering
tapestry tapping tartan tasteful teak teakwood teal tearproof teatime teeming tempered tenacious
tending tenfold tenth terraced terrific textured thankful thatched thawed thawing theatre
thematic thistly threaded threefold thrifty thrilled thrilling thriving thrumming thundery tidal
tidewater tidy tiled tilting timber timeless timely tinkering tinkling tinsel tinted tiny
tiptoed tiptop tireless titanium toasted toasting toasty today toffee tomorrow tonic topaz
topiary topical topmost topnotch tousled towering trailside tranquil transient treasure
treasured treble treelike treetop trekking trellised trending trendy trilling tropic tropical
trotting trudging true trundling trusted trustful trusting trusty truthful tufted tumbling tuned
tuneful tungsten tuning turquoise turreted tweed tweedy twelfth twilight twilit twilled
twinkling twinkly twinned twirling twirly twofold umber unabashed unafraid unbeaten unbiased
unbounded unbowed unbroken uncaged uncharted unclouded uncommon undaunted undersea undimmed
undoubted unfading unfailing unfolded unfolding unfurled unfurling unhurried unique unison
universal unlimited unmatched unruffled unscathed unshaken unsinking unspoiled unspoken untamed
untangled untapped untiring untold unusual unwinding unworried unwritten upbeat upcoming
upcountry updated upheld uphill upland uplifted uplifting uppermost upright upriver upstairs
upstream upswing uptown upturned upward upwind urbane useful usual valiant valuable valued
vanilla vast vaulted vaulting veering velour velvet velvety venerable ventured venturous veranda
verbal verdant verified veritable vermilion vernal versatile versed vertical vibrant vigilant
vigorous village vineyard vintage viridian virtuous visible visionary visual vital vivacious
vivid vocal volcanic voluble voyaging wafting wagging wakeful waking walking walnut waltzing
wandering warbling warm warmed warming watchful watching watered waterside watery waved waving
wavy wayfaring weather weaving weekend weekly welcome welcomed welcoming wending west westerly
westward wetland wheaten wheeled wheeling whimsical whimsy whirled whirling whirring whiskered
whistled whistling whittled whizzing whole wholesome wicker wide widened wildlife wildwood
windless windmill windswept windward windy wine winged winning winsome winter wintry wireless
wise wispy wistful witty wizardly wobbling wobbly wonderful wondering wondrous wooded wooden
woodland woodsy woodwind woollen woolly wordless workshop world worldly worthy woven wreathed
wriggly yachting yearly yesterday yonder zany zealous zenith zestful zesty zigzag zingy zippered
zipping zippy zonal zooming
"""
