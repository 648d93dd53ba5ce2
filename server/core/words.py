"""The two lists that names are made of: short, friendly, easy to say, none about a person.

A later catalogue translates them by index, so words are only ever added at the end.
"""

from __future__ import annotations

FIRST: tuple[str, ...] = tuple(
    """
    Amber Ample Apt Arctic Autumn Azure Balmy Bold Bonny Brave Breezy Bright Brisk Bronze Calm
    Candid Careful Cheery Chilly Cinder Citrus Civil Clear Clever Cloudy Coastal Cobalt Copper
    Coral Cosmic Cosy Cotton Crimson Crisp Crystal Curious Dapper Daring Dawn Dewy Distant Drowsy
    Dusky Eager Early Earnest Easy Ebony Elder Elfin Ember Epic Even Fabled Fair Faithful Fancy
    Feather Fern Fleet Flint Floral Fluent Fond Frank Free Fresh Frosty Gallant Gentle Gilded
    Glad Gleeful Golden Good Grand Green Hale Handy Happy Hardy Hazel Hearty Hidden Honest Humble
    Icy Idle Indigo Inland Iron Island Ivory Jade Jaunty Jolly Jovial Joyful Keen Kind Kindly
    Lanky Lemon Level Light Lilac Limber Little Lively Loyal Lucid Lucky Lunar Mellow Merry Mild
    Mindful Mint Misty Modest Mossy Native Neat Nimble Noble North Novel Olive Onyx
    Opal Open Orange Pastel Patient Peachy Pearl Pepper Placid Plain Plucky Polar Polite Prime
    Prompt Proud Purple Quaint Quick Quiet Quirky Rapid Rare Ready Regal Rested Ripe River Robust
    Rosy Royal Ruby Rugged Rural Russet Rustic Sable Sage Sandy Sapphire Satin Scarlet Serene
    Shady Sharp Shy Silent Silken Silver Simple Sincere Sleepy Smart Smooth Snowy Solar Solid
    Sonic South Spry Stable Starry Steady Stellar Still Stony Stout Summer Sunny Supple Sure
    Swift Tall Tame Tawny Teal Tender Thrifty Tidal Tidy Timely Topaz Tranquil True Trusty Twin
    Upbeat Urban Valiant Velvet Verdant Vernal Violet Vivid Warm Wary West Whole Wild Willing
    Windy Winter Wise Witty Woven Young Zesty
    """.split()
)

SECOND: tuple[str, ...] = tuple(
    """
    Acorn Alder Alpaca Anchor Antler Apple Aspen Aster Badger Bamboo Barley Basil Bay Beacon
    Beaver Beech Bell Birch Bison Bluebell Bobcat Boulder Bramble Breeze Briar Bridge Brook
    Buffalo Bunting Cactus Camel Canary Canyon Cardinal Caribou Cedar Chamois Cherry Chestnut
    Cicada Citron Clover Comet Condor Coot Cormorant Cove Crane Creek Cricket Crocus Curlew
    Cypress Daisy Dolphin Dove Dragonfly Drum Dune Eagle Egret Eider Elk Elm Falcon Fawn Ferret
    Fiddle Field Finch Fir Fjord Flute Forest Fountain Fox Foxglove Gannet Garden Gazelle Gecko
    Geyser Ginkgo Glacier Glade Goose Gorse Grebe Grouse Gull Harbour Hare Harp Hawk Hazelnut
    Heath Hedgehog Heron Hickory Hill Holly Hoopoe Horizon Hornbill Ibex Ibis Iguana Iris Islet
    Ivy Jackdaw Jasmine Jay Juniper Kestrel Kettle Kingfisher Kite Kiwi Koala Lagoon Lake Lantern
    Larch Lark Laurel Lemur Leopard Lichen Lily Linden Linnet Lizard Llama Lobster Lotus Lynx
    Magnolia Magpie Maple Marigold Marmot Marsh Marten Martin Meadow Melon Mimosa Mole Moon Moose
    Moth Mountain Myrtle Narwhal Nettle Newt Nutmeg Oak Oasis Ocelot Okapi Orchard Orchid Oriole
    Osprey Otter Owl Oyster Palm Panda Papaya Parrot Partridge Peak Pebble Pelican Penguin Petrel
    Pheasant Pigeon Pine Plover Plum Pony Poplar Poppy Porpoise Prairie Puffin Puma Quail Quartz
    Quince Rabbit Raven Reed Reef Ridge Robin Rook Rose Rowan Saffron Salmon Sandpiper Sapling
    Seal Sequoia Shore Shrew Skylark Snowdrop Sorrel Sparrow Spring Spruce Squirrel Star Starling
    Stork Stream Sunbird Swallow Swan Sycamore Tamarind Teapot Tern Thistle Thrush Thyme Tiger
    Toucan Tulip Tundra Turtle Valley Vine Viola Vole Walnut Walrus Warbler Wave Weasel Whale
    Willow Wombat Wren Yak Yarrow Yew Zebra Zephyr
    """.split()
)
