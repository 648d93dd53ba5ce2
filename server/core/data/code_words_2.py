"""The words of codes, second part of three: e to p.

EFF's Large Wordlist for Passphrases, by Joseph Bonneau and the Electronic Frontier Foundation,
https://www.eff.org/dice, under the Creative Commons Attribution 3.0 United States licence,
https://creativecommons.org/licenses/by/3.0/us/. Changed: four words with a hyphen (drop-down,
felt-tip, t-shirt, yo-yo) are replaced by dewdrop, feather, teacup and sunbeam; sorted again.

A code's digits are its words' places in the three parts together: no word may ever move.
"""

from __future__ import annotations

TEXT = """
each eagle earache eardrum earflap earful earlobe early earmark earmuff earphone earpiece
earplugs earring earshot earthen earthlike earthling earthly earthworm earthy earwig easeful
easel easiest easily easiness easing eastbound eastcoast easter eastward eatable eaten eatery
eating eats ebay ebony ebook ecard eccentric echo eclair eclipse ecologist ecology economic
economist economy ecosphere ecosystem edge edginess edging edgy edition editor educated
education educator eel effective effects efficient effort eggbeater egging eggnog eggplant
eggshell egomaniac egotism egotistic either eject elaborate elastic elated elbow eldercare
elderly eldest electable election elective elephant elevate elevating elevation elevator eleven
elf eligible eligibly eliminate elite elitism elixir elk ellipse elliptic elm elongated elope
eloquence eloquent elsewhere elude elusive elves email embargo embark embassy embattled
embellish ember embezzle emblaze emblem embody embolism emboss embroider emcee emerald emergency
emission emit emote emoticon emotion empathic empathy emperor emphases emphasis emphasize
emphatic empirical employed employee employer emporium empower emptier emptiness empty emu
enable enactment enamel enchanted enchilada encircle enclose enclosure encode encore encounter
encourage encroach encrust encrypt endanger endeared endearing ended ending endless endnote
endocrine endorphin endorse endowment endpoint endurable endurance enduring energetic energize
energy enforced enforcer engaged engaging engine engorge engraved engraver engraving engross
engulf enhance enigmatic enjoyable enjoyably enjoyer enjoying enjoyment enlarged enlarging
enlighten enlisted enquirer enrage enrich enroll enslave ensnare ensure entail entangled
entering entertain enticing entire entitle entity entomb entourage entrap entree entrench
entrust entryway entwine enunciate envelope enviable enviably envious envision envoy envy enzyme
epic epidemic epidermal epidermis epidural epilepsy epileptic epilogue epiphany episode equal
equate equation equator equinox equipment equity equivocal eradicate erasable erased eraser
erasure ergonomic errand errant erratic error erupt escalate escalator escapable escapade
escapist escargot eskimo esophagus espionage espresso esquire essay essence essential establish
estate esteemed estimate estimator estranged estrogen etching eternal eternity ethanol ether
ethically ethics euphemism evacuate evacuee evade evaluate evaluator evaporate evasion evasive
even everglade evergreen everybody everyday everyone evict evidence evident evil evoke evolution
evolve exact exalted example excavate excavator exceeding exception excess exchange excitable
exciting exclaim exclude excluding exclusion exclusive excretion excretory excursion excusable
excusably excuse exemplary exemplify exemption exerciser exert exes exfoliate exhale exhaust
exhume exile existing exit exodus exonerate exorcism exorcist expand expanse expansion expansive
expectant expedited expediter expel expend expenses expensive expert expire expiring explain
expletive explicit explode exploit explore exploring exponent exporter exposable expose exposure
express expulsion exquisite extended extending extent extenuate exterior external extinct
extortion extradite extras extrovert extrude extruding exuberant fable fabric fabulous facebook
facecloth facedown faceless facelift faceplate faceted facial facility facing facsimile faction
factoid factor factsheet factual faculty fade fading failing falcon fall false falsify fame
familiar family famine famished fanatic fancied fanciness fancy fanfare fang fanning fantasize
fantastic fantasy fascism fastball faster fasting fastness faucet favorable favorably favored
favoring favorite fax feast feather federal fedora feeble feed feel feisty feline feminine
feminism feminist feminize femur fence fencing fender ferment fernlike ferocious ferocity ferret
ferris ferry fervor fester festival festive festivity fetal fetch fever fiber fiction fiddle
fiddling fidelity fidgeting fidgety fifteen fifth fiftieth fifty figment figure figurine filing
filled filler filling film filter filth filtrate finale finalist finalize finally finance
financial finch fineness finer finicky finished finisher finishing finite finless finlike
fiscally fit five flaccid flagman flagpole flagship flagstick flagstone flail flakily flaky
flame flammable flanked flanking flannels flap flaring flashback flashbulb flashcard flashily
flashing flashy flask flatbed flatfoot flatly flatness flatten flattered flatterer flattery
flattop flatware flatworm flavored flavorful flavoring flaxseed fled fleshed fleshy flick flier
flight flinch fling flint flip flirt float flock flogging flop floral florist floss flounder
flyable flyaway flyer flying flyover flypaper foam foe fog foil folic folk follicle follow
fondling fondly fondness fondue font food fool footage football footbath footboard footer
footgear foothill foothold footing footless footman footnote footpad footpath footprint footrest
footsie footsore footwear footwork fossil foster founder founding fountain fox foyer fraction
fracture fragile fragility fragment fragrance fragrant frail frame framing frantic fraternal
frayed fraying frays freckled freckles freebase freebee freebie freedom freefall freehand
freeing freeload freely freemason freeness freestyle freeware freeway freewill freezable
freezing freight french frenzied frenzy frequency frequent fresh fretful fretted friction friday
fridge fried friend frighten frightful frigidity frigidly frill fringe frisbee frisk fritter
frivolous frolic from front frostbite frosted frostily frosting frostlike frosty froth frown
frozen fructose frugality frugally fruit frustrate frying gab gaffe gag gainfully gaining gains
gala gallantly galleria gallery galley gallon gallows gallstone galore galvanize gambling game
gaming gamma gander gangly gangrene gangway gap garage garbage garden gargle garland garlic
garment garnet garnish garter gas gatherer gathering gating gauging gauntlet gauze gave gawk
gazing gear gecko geek geiger gem gender generic generous genetics genre gentile gentleman
gently gents geography geologic geologist geology geometric geometry geranium gerbil geriatric
germicide germinate germless germproof gestate gestation gesture getaway getting getup giant
gibberish giblet giddily giddiness giddy gift gigabyte gigahertz gigantic giggle giggling giggly
gigolo gilled gills gimmick girdle giveaway given giver giving gizmo gizzard glacial glacier
glade gladiator gladly glamorous glamour glance glancing glandular glare glaring glass glaucoma
glazing gleaming gleeful glider gliding glimmer glimpse glisten glitch glitter glitzy gloater
gloating gloomily gloomy glorified glorifier glorify glorious glory gloss glove glowing glowworm
glucose glue gluten glutinous glutton gnarly gnat goal goatskin goes goggles going goldfish
goldmine goldsmith golf goliath gonad gondola gone gong good gooey goofball goofiness goofy
google goon gopher gore gorged gorgeous gory gosling gossip gothic gotten gout gown grab
graceful graceless gracious gradation graded grader gradient grading gradually graduate graffiti
grafted grafting grain granddad grandkid grandly grandma grandpa grandson granite granny granola
grant granular grape graph grapple grappling grasp grass gratified gratify grating gratitude
gratuity gravel graveness graves graveyard gravitate gravity gravy gray grazing greasily
greedily greedless greedy green greeter greeting grew greyhound grid grief grievance grieving
grievous grill grimace grimacing grime griminess grimy grinch grinning grip gristle grit
groggily groggy groin groom groove grooving groovy grope ground grouped grout grove grower
growing growl grub grudge grudging grueling gruffly grumble grumbling grumbly grumpily grunge
grunt guacamole guidable guidance guide guiding guileless guise gulf gullible gully gulp gumball
gumdrop gumminess gumming gummy gurgle gurgling guru gush gusto gusty gutless guts gutter guy
guzzler gyration habitable habitant habitat habitual hacked hacker hacking hacksaw had haggler
haiku half halogen halt halved halves hamburger hamlet hammock hamper hamster hamstring handbag
handball handbook handbrake handcart handclap handclasp handcraft handcuff handed handful
handgrip handgun handheld handiness handiwork handlebar handled handler handling handmade
handoff handpick handprint handrail handsaw handset handsfree handshake handstand handwash
handwork handwoven handwrite handyman hangnail hangout hangover hangup hankering hankie hanky
haphazard happening happier happiest happily happiness happy harbor hardcopy hardcore hardcover
harddisk hardened hardener hardening hardhat hardhead hardiness hardly hardness hardship
hardware hardwired hardwood hardy harmful harmless harmonica harmonics harmonize harmony harness
harpist harsh harvest hash hassle haste hastily hastiness hasty hatbox hatchback hatchery
hatchet hatching hatchling hate hatless hatred haunt haven hazard hazelnut hazily haziness
hazing hazy headache headband headboard headcount headdress headed header headfirst headgear
heading headlamp headless headlock headphone headpiece headrest headroom headscarf headset
headsman headstand headstone headway headwear heap heat heave heavily heaviness heaving hedge
hedging heftiness hefty helium helmet helper helpful helping helpless helpline hemlock hemstitch
hence henchman henna herald herbal herbicide herbs heritage hermit heroics heroism herring
herself hertz hesitancy hesitant hesitate hexagon hexagram hubcap huddle huddling huff hug hula
hulk hull human humble humbling humbly humid humiliate humility humming hummus humongous
humorist humorless humorous humpback humped humvee hunchback hundredth hunger hungrily hungry
hunk hunter hunting huntress huntsman hurdle hurled hurler hurling hurray hurricane hurried
hurry hurt husband hush husked huskiness hut hybrid hydrant hydrated hydration hydrogen
hydroxide hyperlink hypertext hyphen hypnoses hypnosis hypnotic hypnotism hypnotist hypnotize
hypocrisy hypocrite ibuprofen ice iciness icing icky icon icy idealism idealist idealize ideally
idealness identical identify identity ideology idiocy idiom idly igloo ignition ignore iguana
illicitly illusion illusive image imaginary imagines imaging imbecile imitate imitation immature
immerse immersion imminent immobile immodest immorally immortal immovable immovably immunity
immunize impaired impale impart impatient impeach impeding impending imperfect imperial impish
implant implement implicate implicit implode implosion implosive imply impolite important
importer impose imposing impotence impotency impotent impound imprecise imprint imprison
impromptu improper improve improving improvise imprudent impulse impulsive impure impurity
iodine iodize ion ipad iphone ipod irate irk iron irregular irrigate irritable irritably
irritant irritate islamic islamist isolated isolating isolation isotope issue issuing italicize
italics item itinerary itunes ivory ivy jab jackal jacket jackknife jackpot jailbird jailbreak
jailer jailhouse jalapeno jam janitor january jargon jarring jasmine jaundice jaunt java jawed
jawless jawline jaws jaybird jaywalker jazz jeep jeeringly jellied jelly jersey jester jet jiffy
jigsaw jimmy jingle jingling jinx jitters jittery job jockey jockstrap jogger jogging john
joining jokester jokingly jolliness jolly jolt jot jovial joyfully joylessly joyous joyride
joystick jubilance jubilant judge judgingly judicial judiciary judo juggle juggling jugular
juice juiciness juicy jujitsu jukebox july jumble jumbo jump junction juncture june junior
juniper junkie junkman junkyard jurist juror jury justice justifier justify justly justness
juvenile kabob kangaroo karaoke karate karma kebab keenly keenness keep keg kelp kennel kept
kerchief kerosene kettle kick kiln kilobyte kilogram kilometer kilowatt kilt kimono kindle
kindling kindly kindness kindred kinetic kinfolk king kinship kinsman kinswoman kissable kisser
kissing kitchen kite kitten kitty kiwi kleenex knapsack knee knelt knickers knoll koala kooky
kosher krypton kudos kung labored laborer laboring laborious labrador ladder ladies ladle
ladybug ladylike lagged lagging lagoon lair lake lance landed landfall landfill landing landlady
landless landline landlord landmark landmass landmine landowner landscape landside landslide
language lankiness lanky lantern lapdog lapel lapped lapping laptop lard large lark lash lasso
last latch late lather latitude latrine latter latticed launch launder laundry laurel lavender
lavish laxative lazily laziness lazy lecturer left legacy legal legend legged leggings legible
legibly legislate lego legroom legume legwarmer legwork lemon lend length lens lent leotard
lesser letdown lethargic lethargy letter lettuce level leverage levers levitate levitator
liability liable liberty librarian library licking licorice lid life lifter lifting liftoff
ligament likely likeness likewise liking lilac lilly lily limb limeade limelight limes limit
limping limpness line lingo linguini linguist lining linked linoleum linseed lint lion lip
liquefy liqueur liquid lisp list litigate litigator litmus litter little livable lived lively
liver livestock lividly living lizard lubricant lubricate lucid luckily luckiness luckless
lucrative ludicrous lugged lukewarm lullaby lumber luminance luminous lumpiness lumping lumpish
lunacy lunar lunchbox luncheon lunchroom lunchtime lung lurch lure luridness lurk lushly
lushness luster lustfully lustily lustiness lustrous lusty luxurious luxury lying lyrically
lyricism lyricist lyrics macarena macaroni macaw mace machine machinist magazine magenta maggot
magical magician magma magnesium magnetic magnetism magnetize magnifier magnify magnitude
magnolia mahogany maimed majestic majesty majorette majority makeover maker makeshift making
malformed malt mama mammal mammary mammogram manager managing manatee mandarin mandate mandatory
mandolin manger mangle mango mangy manhandle manhole manhood manhunt manicotti manicure
manifesto manila mankind manlike manliness manly manmade manned mannish manor manpower mantis
mantra manual many map marathon marauding marbled marbles marbling march mardi margarine
margarita margin marigold marina marine marital maritime marlin marmalade maroon married marrow
marry marshland marshy marsupial marvelous marxism mascot masculine mashed mashing massager
masses massive mastiff matador matchbook matchbox matcher matching matchless material maternal
maternity math mating matriarch matrimony matrix matron matted matter maturely maturing maturity
mauve maverick maximize maximum maybe mayday mayflower moaner moaning mobile mobility mobilize
mobster mocha mocker mockup modified modify modular modulator module moisten moistness moisture
molar molasses mold molecular molecule molehill mollusk mom monastery monday monetary monetize
moneybags moneyless moneywise mongoose mongrel monitor monkhood monogamy monogram monologue
monopoly monorail monotone monotype monoxide monsieur monsoon monstrous monthly monument moocher
moodiness moody mooing moonbeam mooned moonlight moonlike moonlit moonrise moonscape moonshine
moonstone moonwalk mop morale morality morally morbidity morbidly morphine morphing morse
mortality mortally mortician mortified mortify mortuary mosaic mossy most mothball mothproof
motion motivate motivator motive motocross motor motto mountable mountain mounted mounting
mourner mournful mouse mousiness moustache mousy mouth movable move movie moving mower mowing
much muck mud mug mulberry mulch mule mulled mullets multiple multiply multitask multitude
mumble mumbling mumbo mummified mummify mummy mumps munchkin mundane municipal muppet mural
murkiness murky murmuring muscular museum mushily mushiness mushroom mushy music musket
muskiness musky mustang mustard muster mustiness musty mutable mutate mutation mute mutilated
mutilator mutiny mutt mutual muzzle myself myspace mystified mystify myth nacho nag nail name
naming nanny nanometer nape napkin napped napping nappy narrow nastily nastiness national native
nativity natural nature naturist nautical navigate navigator navy nearby nearest nearly nearness
neatly neatness nebula nebulizer nectar negate negation negative neglector negligee negligent
negotiate nemeses nemesis neon nephew nerd nervous nervy nest net neurology neuron neurosis
neurotic neuter neutron never next nibble nickname nicotine niece nifty nimble nimbly nineteen
ninetieth ninja nintendo ninth nuclear nuclei nucleus nugget nullify number numbing numbly
numbness numeral numerate numerator numeric numerous nuptials nursery nursing nurture nutcase
nutlike nutmeg nutrient nutshell nuttiness nutty nuzzle nylon oaf oak oasis oat obedience
obedient obituary object obligate obliged oblivion oblivious oblong obnoxious oboe obscure
obscurity observant observer observing obsessed obsession obsessive obsolete obstacle obstinate
obstruct obtain obtrusive obtuse obvious occultist occupancy occupant occupier occupy ocean
ocelot octagon octane october octopus ogle oil oink ointment okay old olive olympics omega omen
ominous omission omit omnivore onboard oncoming ongoing onion online onlooker only onscreen
onset onshore onslaught onstage onto onward onyx oops ooze oozy opacity opal open operable
operate operating operation operative operator opium opossum opponent oppose opposing opposite
oppressed oppressor opt opulently osmosis other otter ouch ought ounce outage outback outbid
outboard outbound outbreak outburst outcast outclass outcome outdated outdoors outer outfield
outfit outflank outgoing outgrow outhouse outing outlast outlet outline outlook outlying
outmatch outmost outnumber outplayed outpost outpour output outrage outrank outreach outright
outscore outsell outshine outshoot outsider outskirts outsmart outsource outspoken outtakes
outthink outward outweigh outwit oval ovary oven overact overall overarch overbid overbill
overbite overblown overboard overbook overbuilt overcast overcoat overcome overcook overcrowd
overdraft overdrawn overdress overdrive overdue overeager overeater overexert overfed overfeed
overfill overflow overfull overgrown overhand overhang overhaul overhead overhear overheat
overhung overjoyed overkill overlabor overlaid overlap overlay overload overlook overlord
overlying overnight overpass overpay overplant overplay overpower overprice overrate overreach
overreact override overripe overrule overrun overshoot overshot oversight oversized oversleep
oversold overspend overstate overstay overstep overstock overstuff oversweet overtake overthrow
overtime overtly overtone overture overturn overuse overvalue overview overwrite owl oxford
oxidant oxidation oxidize oxidizing oxygen oxymoron oyster ozone paced pacemaker pacific
pacifier pacifism pacifist pacify padded padding paddle paddling padlock pagan pager paging
pajamas palace palatable palm palpable palpitate paltry pampered pamperer pampers pamphlet
panama pancake pancreas panda pandemic pang panhandle panic panning panorama panoramic panther
pantomime pantry pants pantyhose paparazzi papaya paper paprika papyrus parabola parachute
parade paradox paragraph parakeet paralegal paralyses paralysis paralyze paramedic parameter
paramount parasail parasite parasitic parcel parched parchment pardon parish parka parking
parkway parlor parmesan parole parrot parsley parsnip partake parted parting partition partly
partner partridge party passable passably passage passcode passenger passerby passing passion
passive passivism passover passport password pasta pasted pastel pastime pastor pastrami pasture
pasty patchwork patchy paternal paternity path patience patient patio patriarch patriot patrol
patronage patronize pauper pavement paver pavestone pavilion paving pawing payable payback
paycheck payday payee payer paying payment payphone payroll pebble pebbly pecan pectin peculiar
peddling pediatric pedicure pedigree pedometer pegboard pelican pellet pelt pelvis penalize
penalty pencil pendant pending penholder penknife pennant penniless penny penpal pension
pentagon pentagram pep perceive percent perch percolate perennial perfected perfectly perfume
periscope perish perjurer perjury perkiness perky perm peroxide perpetual perplexed persecute
persevere persuaded persuader pesky peso pessimism pessimist pester pesticide petal petite
petition petri petroleum petted petticoat pettiness petty petunia phantom phobia phoenix
phonebook phoney phonics phoniness phony phosphate photo phrase phrasing placard placate
placidly plank planner plant plasma plaster plastic plated platform plating platinum platonic
platter platypus plausible plausibly playable playback player playful playgroup playhouse
playing playlist playmaker playmate playoff playpen playroom playset plaything playtime plaza
pleading pleat pledge plentiful plenty plethora plexiglas pliable plod plop plot plow ploy pluck
plug plunder plunging plural plus plutonium plywood poach pod poem poet pogo pointed pointer
pointing pointless pointy poise poison poker poking polar police policy polio polish politely
polka polo polyester polygon polygraph polymer poncho pond pony popcorn pope poplar popper poppy
popsicle populace popular populate porcupine pork porous porridge portable portal portfolio
porthole portion portly portside poser posh posing possible possibly possum postage postal
postbox postcard posted poster posting postnasal posture postwar pouch pounce pouncing pound
pouring pout powdered powdering powdery power powwow pox praising prance prancing pranker
prankish prankster prayer praying preacher preaching preachy preamble precinct precise precision
precook precut predator predefine predict preface prefix preflight preformed pregame pregnancy
pregnant preheated prelaunch prelaw prelude premiere premises premium prenatal preoccupy
preorder prepaid prepay preplan preppy preschool prescribe preseason preset preshow president
presoak press presume presuming preteen pretended pretender pretense pretext pretty pretzel
prevail prevalent prevent preview previous prewar prewashed prideful pried primal primarily
primary primate primer primp princess print prior prism prison prissy pristine privacy private
privatize prize proactive probable probably probation probe probing probiotic problem procedure
process proclaim procreate procurer prodigal prodigy produce product profane profanity professed
professor profile profound profusely progeny prognosis program progress projector prologue
prolonged promenade prominent promoter promotion prompter promptly prone prong pronounce pronto
proofing proofread proofs propeller properly property proponent proposal propose props prorate
protector protegee proton prototype protozoan protract protrude proud provable proved proven
provided provider providing province proving provoke provoking provolone prowess prowler
prowling proximity proxy prozac prude prudishly prune pruning pry psychic public publisher
pucker pueblo pug pull pulmonary pulp pulsate pulse pulverize puma pumice pummel punch punctual
punctuate punctured pungent punisher punk pupil puppet puppy purchase pureblood purebred purely
pureness purgatory purge purging purifier purify purist puritan purity purple purplish purposely
purr purse pursuable pursuant pursuit purveyor pushcart pushchair pusher pushiness pushing
pushover pushpin pushup pushy putdown putt puzzle puzzling pyramid pyromania python
"""
