"""Families of labels: which labels may lend each other shapes and places when data are few.

COCO's super-categories for things (Lin et al., ECCV 2014), COCO-Stuff's for stuff (Caesar et
al., CVPR 2018), written out here because the label values alone do not tell.
"""

from functools import cache

from segmentation.labels import NAMES, NEVER_IN_COCO

FAMILIES: dict[str, tuple[str, ...]] = {
    name: tuple(members.split())
    for name, members in {
        "person": "person",
        "wheels": "bicycle motorcycle",
        "vehicle": "car bus train truck",
        "craft": "airplane boat",
        "roadside": "traffic-light fire-hydrant stop-sign parking-meter",
        "bird": "bird",
        "animal": "cat dog horse sheep cow elephant bear zebra giraffe teddy-bear",
        "bag": "backpack handbag suitcase",
        "hung": "umbrella kite tie",
        "board": "skis snowboard skateboard surfboard",
        "ball": "frisbee sports-ball",
        "bat": "baseball-bat tennis-racket baseball-glove",
        "vessel": "bottle wine-glass cup bowl vase",
        "cutlery": "fork knife spoon scissors toothbrush hair-drier",
        "produce": "banana apple orange broccoli carrot",
        "dish": "sandwich hot-dog pizza donut cake",
        "seat": "chair couch bench",
        "plant": "potted-plant",
        "bed": "bed dining-table",
        "bathroom": "toilet sink",
        "screen": "tv laptop keyboard mouse remote cell-phone book clock",
        "appliance": "microwave oven toaster refrigerator",
        "sky": "sky-other clouds fog",
        "water": "sea river water-other waterdrops",
        "ground": "dirt gravel ground-other mud pavement platform playingfield railroad road "
        "sand snow grass moss",
        "vegetation": "tree bush branch flower leaves plant-other straw",
        "building": "building-other house skyscraper bridge roof tent",
        "structure": "fence railing cage net structural-other",
        "floor": "floor-marble floor-other floor-stone floor-tile floor-wood carpet rug mat",
        "wall": "wall-brick wall-concrete wall-other wall-panel wall-stone wall-tile wall-wood",
        "ceiling": "ceiling-other ceiling-tile",
        "opening": "window-blind window-other curtain door-stuff mirror-stuff",
        "furniture": "cabinet cupboard counter desk-stuff furniture-other shelf table stairs light",
        "textile": "banner blanket cloth clothes napkin pillow textile-other towel",
        "material": "cardboard metal paper plastic",
        "relief": "hill mountain rock stone solid-other wood",
        "food": "food-other fruit salad vegetable",
    }.items()
}
USED_LABELS: tuple[int, ...] = tuple(i for i in range(len(NAMES)) if i not in NEVER_IN_COCO)


@cache
def relatives(label: int) -> tuple[int, ...]:
    """The other labels of a label's family, (): none; every used label has a family."""
    name = NAMES[label]
    for members in FAMILIES.values():
        if name in members:
            return tuple(NAMES.index(other) for other in members if other != name)
    return ()
