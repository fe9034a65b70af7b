"""How people of one town speak: words the catalogue of 12348 has never met, and words it knows well."""

from collections.abc import Iterator
from itertools import product

# Bride price and what goes with it: property of a marriage that was not, or did not last.
MARRIAGE = "L0101"
GIFTS = ("彩礼", "三金", "见面礼", "改口费")
PARTINGS = ("悔婚了", "没领证就散了", "订婚后不来往了", "过门两个月就走", "嫌我家穷")
ENDS = (
    "要退不",
    "拿不回来",
    "怎么算",
    "归谁",
    "给不给退",
    "扣着不给",
    "能要回几成",
    "她妈不认",
    "媒人也不管",
    "写了字据",
)
HELD_OUT = (
    "彩礼给了八万人没过来",
    "女方把三金都卖了",
    "媒人说彩礼不退了",
    "改口费和见面礼也想讨回来",
    "办酒没领证彩礼咋说",
    "彩礼是借来的现在还不上",
    "三金在丈母娘手里",
    "对象跑了彩礼打水漂",
    "见面礼给了一万零一",
    "弟弟的彩礼女方不肯还",
    "改口费也算彩礼不",
    "三金发票在我这",
)

# Everybody's words for a bite.
BITES = "L0504"
DOGS = ("狗", "邻居的狗", "大黄狗", "没拴绳的狗", "流浪狗", "宠物狗")
BITTEN = ("咬伤了腿", "咬了我", "咬了孩子", "把老人扑倒咬了", "抓伤还咬破了手")
CLAIMS = (
    "找谁赔",
    "主人不赔",
    "打了疫苗谁出钱",
    "医药费怎么要",
    "不认账",
    "能告吗",
    "赔多少",
    "证据咋留",
    "想索赔",
    "谁负责",
)


def about_gifts() -> Iterator[str]:
    """200 sentences."""
    for end, parting, gift in product(ENDS, PARTINGS, GIFTS):
        yield f"{parting}{gift}{end}"


def about_bites() -> Iterator[str]:
    """300 sentences."""
    for claim, bitten, dog in product(CLAIMS, BITTEN, DOGS):
        yield f"{dog}{bitten}{claim}"
