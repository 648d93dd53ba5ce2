"""The second words of names: 2,048 things, plants and animals.

Chosen by hand for this server, with candidates from the lists of friendlywords and
wonderwords (MIT), coolname (BSD-2-Clause), petname (Apache-2.0), randomname (MIT),
random-word-slugs and superb (MIT), diceware (GPL-3.0-or-later) and WordNet 3.1 (WordNet licence).
A name is a pair of places, and is translated by them: once another language has its list, a word
here may be exchanged, but none may move.
"""

from __future__ import annotations

TEXT = """
aardvark abacus abode acacia accordion acorn acre adage airfield airmail airplane airport
airship albatross alcove alder alfalfa algebra alley alloy allspice almanac alpaca alphabet
alyssum amaranth amaryllis ammonite amphora anagram anchor anchovy anecdote anemone angelfish
angle anise annex anorak answer anteater antelope antenna antler aperture apogee apparel
applause applet apron aquarium aqueduct aquifer arbour arcade arch archive arena armadillo
armchair armoire aroma arrival arrowroot arroyo artichoke artwork asparagus aster asteroid
astrolabe atelier atlas atoll atom attic attire audience auklet autograph avenue avocado avocet
awning axle axolotl azalea backpack badger bagel bagpipe bakery ballad balloon ballroom bamboo
bandicoot bandstand banister banjo banknote banner banquet banyan baobab barbet barge barley
barnacle barometer barrel baseball basin basket bassinet bassoon bay bayberry bayou bazaar beach
beachball beacon bead beagle beaker beam bear bedrock beehive beeline beetle beetroot begonia
belfry bell bellows bench beret bergamot berry bicycle bilberry birch bird birdbath birdcage
biscuit bison bistro bittern bivouac blanket blazer blenny blimp blossom bluebird bluejay
bluestem boardwalk boat boathouse bobbin bobble bobcat bobolink bobsled bodega bolero bolster
bonnet bonsai bookend booklet bookshop bookworm boomerang borage borough bottle bough boulder
boundary bouquet bow bowl bowtie boxwood bracelet bracken bracket brainwave bramble branch bread
breeze bridge briefcase brioche broccoli bromeliad brooch broom bubble bubblegum bucket buckle
buffalo bugle bulletin bullfinch bullfrog bulrush bumblebee bungalow bunting buoy burdock burrow
bus butter button buttress byway byword cabaret cabbage cabinet cactus cadence cafe cairn
calendar calendula calliope calypso camellia camera campsite canal canape canary candle
candytuft canister canoe canopy canteen canto canyon capsule capybara carafe caravan caraway
cardigan caribou carillon carnation carob carousel carp carpet carport carriage carrot carton
cartwheel cascade cashew cask casserole cassette cassowary castanet castle catalogue catalpa
catamaran catkin catmint causeway cave caviar celandine celery cellar cello cereal chaffinch
chaise chalet chamber chamomile chanson chapbook chapter chariot chart chateau checkers cheddar
cheese cheetah chervil chess chickpea chickweed chicory chime chimney chisel chive choir chord
chorus chowder chronicle chrysalis churn chutney cicada circle cirrus city civet clarinet
clarity classroom clavier clematis clinker clipboard cloak cloth cloud clover clubhouse coaster
coastline coat cobble cobbler cobweb coffeepot cogwheel coil coin coinage colander coleus
collage collar coltsfoot columbine column comb comet comfrey comma compote concerto conch condor
confetti conga conifer console contour cookbook cookie cookout copybook cordon corkboard
cormorant corncob cornfield cornice corolla corral corridor cosmos costume couch countdown
coupon courgette course court couscous cove coverlet cowbell cowrie cowslip crabapple cradle
craft crag crane crate crater cravat crayfish credenza creek creel cress crest cricket crocus
croft croissant crossing crossway crossword crown cruet cruiser crumb crumble cubbyhole cube
culture cup cupboard cupola curio curlew curtain curve cushion custard cutlery cutout cyclamen
cyclone cygnet cylinder cymbal cypress daffodil dairy dance dandelion dashboard daydream daylily
daytrip decanter decibel deck deer depot desert desk dessert dew dewberry dewdrop dewpond dial
diary dill diner dinner dinosaur diorama discovery distance ditty dogsled doily dollop dolphin
dome domino doodle door doormat doorstep doorway dormouse dotterel doughnut dovecote dragon
dragonfly drawer drawing dream dresser drizzle droplet drum drumstick duck duckling duckweed
duet duffel dulcimer dune dunlin dunnock duo durian dynamo eagle earmuff earphone earring earth
earthworm easel echidna eclair eclipse eggcup egret eider elevator elixir elk elm emblem
emporium emu encore endpaper engine enigma ensemble envelope epigram episode equation equator
ermine escapade espresso essay estuary etching etude exhibit expanse eyebright eyelet eyrie
fable factory falcon fanfare farewell farm farmyard fathom feast feather fedora fence fennec
fennel ferret ferry fiddle field fieldfare fiesta fig figurine filbert finale finch fir firefly
fireplace firewood fishbowl fishpond fjord flamingo flan flapjack flare flask flax flicker
flight flipper flock flounder flour flower flowerpot flume flurry flute flyer flywheel foal
foghorn folder foliage folio folklore fondue font foothold footnote footpath footstep forecast
form formula forsythia fortnight fortune fossil foundry foxglove foxtrot fragment frame freesia
freezer freighter fresco frolic frost fulmar funnel furlong furnace gable gadget gadwall gala
galaxy galleon galley gallon gambol game gangway gannet gantry garage gardenia garland garlic
garnish gateau gatepost gateway gazebo gazelle gazette gear gecko gem gemstone genre gentian
geode geometry geranium gerbera gerbil germander geyser gift giggle ginkgo giraffe girder
glacier glade gladiolus glass glasses glassware glaze glider glimmer glimpse glint glitter globe
glossary glove glow glowworm glyph gnocchi gnome goblet goggles goldenrod goldfinch goldfish
gondola gong goose gopher gorge gorse goshawk gosling gourd gown gradient grain granola granule
graph gratitude gravel gravy grebe greenery greengage grid griddle grocery groove grosbeak
grotto groundhog grouse guidebook guideline guild gull gumboot gumdrop gumtree gust gymkhana
gyrfalcon habitat haddock haiku hailstone hairpin halibut hallway halyard hamlet hammock hamper
hamster handbag handbook handcart handrail hangar harebell harmonium harp hat hatbox hatch
hatstand hawk hawthorn hay hayloft haze headband headland headline headway hearth hearthrug
hedgehog hedgerow heirloom hellebore helmet herald herb heron herring hexagon hibiscus hideaway
highlight highway hillock hobby hoist hollow hollyhock homework honeybee honeycomb hoof hoop
hoopoe hopper hopscotch horizon hornbeam hornbill hornpipe horseshoe hostel hotel hourglass
house houseboat hub hummock hummus hurdle hyacinth hydrangea hydrant hyphen hyssop ibex ibis
iceberg icecap icicle icing idea idyll iguana imprint index infield inglenook ingot inkblot
inkpot inkstand inkwell inlet inn insight interval invention islet isthmus jacaranda jackdaw
jacket jackfruit jam jamboree jar jaunt jelly jellybean jellyfish jetty jigsaw jingle jitterbug
jonquil journal journey jukebox jumble junction junket kaftan kangaroo kayak kazoo keel kelp
kennel kernel kestrel ketch ketchup kettle keyboard keyhole keynote keyring keystone kiln kiosk
kipper kite kittiwake knapsack knoll knot koala kudu kumquat label labyrinth lacewing lacework
ladder ladle ladybird ladybug lagoon lake lambswool lamppost lampshade lampstand landing
landmark landscape lantana lantern lapel lapwing larch larder lark larkspur lasagna lasso latch
latitude laundry lawn leafage leaflet leapfrog lecture ledge ledger leek leeway legend legume
leisure lemur lens lentil leopard lesson letter lettering lettuce levee lever lichen lifeboat
lifebuoy lifeline lightbulb lightning lime limerick limpet linnet lintel lion liquorice lizard
llama loaf lobby lobelia lobster locale locket lodestar lodestone loft log logbook logo longboat
longhorn longitude lookout loom loquat lorikeet lotto lounge lovage lozenge luggage lullaby
lunch lunchbox luncheon lupin lute lychee lynx lyre lyrebird macaroni macaroon macaw machine
mackerel madrigal magazine magnet magpie mailbox maize mallard mallet mallow manatee mandolin
mango mangrove manta mantis mantle map maraca marathon margin marimba marjoram marmoset marmot
marquee marshland marten martlet marzipan mascot mast matchbox mayfly maypole maze meadow
mealtime meander measure medal medallion medlar meerkat melange memento memo memoir memory menu
meridian meringue merriment mesa meteor meteorite metronome midpoint mileage milepost milestone
milkweed milkwort millpond millrace millwheel mimosa minibus minnow minuet minute mirage mirror
mitten mixer mobile molecule molehill mongoose monocle monogram monorail monsoon montage month
monument moonbeam moonfish moonlet moonwort moorhen mooring moose moss moth motif motor
motorbike motorway moussaka mousse mug mullein muntjac muskmelon muskox mynah mystery nameplate
napkin narwhal nautilus nebula necklace necktie nest net nettle network newsprint niche night
nightjar nimbus noodle noon notation notch note notepad notice nougat novelty nuance numbat
number nuthatch nutmeg oak oar oarlock oasis oatcake obelisk oboe ocarina ocean ocelot octagon
octave octet octopus odyssey okapi okra oleander omelette omnibus onion opera operetta opossum
optic optimism orangeade orangery orbit orchestra orchid oregano origami origin oriole ornament
oryx osier osprey ostrich otter outcrop outline overalls overcoat overlook overture owl owlet
oxalis oxbow oxcart oxlip oxygen ozone pack packet paddle paddock pageant pail paintbox palette
palmetto pamphlet pancake panda panel panorama pantry paper paperback paperclip paradox parakeet
parapet parasol parcel parka parlour parrot parsec parsley parsnip parterre partridge passage
pasta pastime pasture path pathway patio patter pattern pavement pavilion paving peacock peak
peanut pebble peccary pedal pedestal pegboard pelican pelmet pencil pendulum penguin peninsula
pennant pennywort peony pepper pepperoni peppers perch percolate pergola peridot period
periscope petal petrel pheasant phlox phone photo photon phrase piano pianola piccolo pickle
picnic picture pie pier pigeon pika pilaf pillar pillow pimento pimpernel pinafore pinball
pineapple pinecone pinhole pinion pinnacle pinpoint pintail pinwheel pip pipit pizza placard
place plank plankton planner plateau platypus playbook playhouse plaza pleat plinth plover plum
plume plumeria podcast podium poem poetry pointer polka pollen polygon polyphony pomander pompom
pond pondweed pontoon pony poodle pool popcorn poplar porcupine porpoise porridge portal
portfolio portico portrait post postbag postmark potato pothole potluck pottery pouch preface
prelude premiere pretzel primer primrose primula print printer prism prologue promenade
pronghorn prose prospect proton proverb ptarmigan pudding puddle puffin pulley pullover pulsar
pumice pumpkin punchline purse puzzle pylon pyramid quadrant quail quark quarry quart quartet
quasar quatrain quest question quetzal quiche quickstep quill quilt quince quinoa quintet quip
quiver quiz quokka quote rabbit racquet radar radiance radiator radio radish raft rafter ragout
rail railing rainbow raincoat raindrop rainwater raisin ramble ramekin ramp rapids rapport
ratchet rattle ravine ravioli rebus recess recipe recital record recorder rectangle redwing
reedbed reel reflex refrain refuge regatta reindeer relay remark reply reprise reservoir resort
respite revue rhapsody rhombus rhubarb rhyme rhythm ribbon rickshaw ridge rigging ring ringlet
ringtone ripple riverbank riverbed riverboat rivulet roadmap roadster roadway robot rockcress
rockfish rockpool rockrose rondo roofbeam rook room roost rosebay rosebud rosehip rosette roster
rotunda roundup router rowboat rucksack rudbeckia rudder ruffle rug rugby ruler rumba runnel
rustle saddle safari safflower saga sailboat sailcloth sailfish salad saltbush saltmarsh samovar
sampler sandbar sandbox sandhill sandwich sapling sardine sassafras satchel satellite saucepan
saucer sawdust saxifrage saxophone scale scallop scarf scenario scenery scent sceptre schedule
school schooner science scone scoop scooter scorecard scrapbook screen script sculpture sea
seabird seacoast seafloor seafront seagrass seagull seahorse seal seaplane seaport seashell
season seat seaweed sedge seedling seesaw segment semaphore semicolon sentence septet sequel
sequence sequin sequoia serenade shade shallot shape shawl sheaf shears shelf shelter sherbet
shingle ship shipyard shoal shoelace shore shortcake shorthand shovel show shrike shrub shuttle
sideboard sidecar sidewalk sieve signal signature signpost silence silk silkworm simile siskin
sitar sitcom sketch skiff skittle sky skydive skylark slalom slate sled sleeve sleigh slide
slipper sloop sloth smile smoothie snail sneaker snippet snorkel snowdrop snowman snowmelt
snowshoe soapbox soapstone soccer sock sofa softball soiree sojourn solarium solo sonata song
songbird songbook sonnet sorbet souffle sound soup souvenir space spaceship spaghetti spaniel
sparkle sparkler sparrow spatula speaker spectacle spectrum speedboat speedwell sphere spinach
spindle spindrift spinet spire splash spoke sponge spool spoon spoonbill spotlight sprig
sprinkler sprout spyglass squall squash squid squiggle squirrel stadium stage staircase stairway
stairwell stamp stanza stardust starfish starling statement station statue steamboat steamer
steamship stem stencil step stew stile stitch stoat stockpot stonechat stopover stopwatch
storeroom stork story stove stratus stream street streetcar string stroll structure sturgeon
stylus suitcase sultana summit sun sunbeam sunbird sunbonnet sundae sundew sundial sunfish
sunflower sunhat sunlamp sunroof sunroom sunshade sunspot supper surf surfboard surprise surrey
swan swatch sweater sweetcorn sweetpea sycamore syllable symbol symphony synonym syrup system
tabard tablet tabletop tadpole tag tailcoat tailwind talent tally tamarillo tamarin tamarind
tamarisk tambour tandem tangelo tangent tango tapioca tapir tarpon tarragon tarsier taxi tea
teacake teacup teapot tearoom teasel teaspoon telegraph telescope tempo tendril tent terrace
terrapin terrarium textbook textile texture thatch theme theorem theremin thicket thimble
thistle threshold thrift thumbnail thunder thyme ticket tideline tidepool tiger tile tiller
timbre timeline timer timetable timpani tiptoe toast toaster toboggan toggle tollbooth tomato
tome toolbox toolkit toolshed topic topsail torch tortoise toucan tower towline town towpath
toybox track trackway tractor trailer train tram tramway transom trapeze tray treadle tree
treehouse trefoil trellis tremolo trestle triangle tributary tricycle trifle trilby trillium
trilobite trilogy trimaran trinket triplane tripod triptych trolley trombone trophy trough
troupe trowel truck truffle trundle tuatara tuba tuft tugboat tulip tundra tune tunic tunnel
turbine turf turmeric turnpike turnstile turnstone turntable turtle twig twinkle twirl typeface
ukulele umbrella umlaut unicycle universe urchin utensil utopia vacation valve variety vase
vault vector vehicle velodrome verse vessel vest vestibule viaduct vibrato video view viewpoint
vignette villa vinegar violin vireo vista vivarium voice volcano volume vortex vowel voyage
wafer waffle wagon wagtail waistcoat walkway wallaby wallpaper walrus waltz wand wapiti warble
warbler wardrobe warmth wasabi watch waterline watermark watermill waterway wattle wave wavelet
waxwing waxwork wayside web weft wetsuit wharf wheat wheatear wheel whelk whetstone whimbrel
whippet whirligig whirlpool whirlwind whisk whisker whisper wicket widget wigeon willet
windchime windfall window windvane wing wingspan wishbone wisteria woad wolf wolverine wombat
wonder woodlark woodpile woodruff woodshed wool word wordplay workbench workbook worktop wreath
writing xylophone yacht yard yardstick yarn yarrow yearbook yearling yoghurt yurt zebra zephyr
zeppelin zest zinnia zipper zircon zither zodiac zone zoology zucchini
"""
