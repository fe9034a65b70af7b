"""How people of one town speak: words the catalogue has never met, and words it knows well."""

from collections.abc import Iterator
from itertools import product

# Here nobody says "shared bicycle": they say what colour it is.
BICYCLES = "0810"
BIKES = ("小黄车", "小蓝车", "青桔", "小绿车")
BIKE_PLACES = (
    "校门口",
    "菜场边",
    "地铁口",
    "我家楼下",
    "医院旁边",
    "桥头",
    "单元门前",
    "公园南门",
    "超市那儿",
    "银行门口",
)
BIKE_TROUBLES = ("横七竖八", "倒了一地", "堆成山", "停得满满当当", "人都走不过去")
HELD_OUT = (
    "幼儿园外面小黄车摆得乱七八糟",
    "一排小蓝车把路占了半边",
    "青桔倒在路当中没人扶",
    "小绿车多得推不开门",
    "车站那片小黄车该清一清了",
    "谁来管管这些小蓝车",
    "小黄车压着盲人走的道",
    "早上出门全是青桔绊脚",
    "小绿车停到电梯口来了",
    "图书馆台阶上扔了十几辆小蓝车",
    "小黄车坏的好的混在一块没人收",
    "广场边青桔歪歪斜斜一大片",
)

# Everybody's words for a missing manhole cover.
MANHOLES = "0903"
COVERS = ("井盖", "窨井盖", "下水道井盖", "污水井盖", "雨水井盖", "电信井盖")
COVER_PLACES = (
    "路口",
    "小区门口",
    "学校旁",
    "人行道上",
    "非机动车道",
    "菜市场门口",
    "公交站旁",
    "巷子里",
    "桥头",
    "厂门口",
)
COVER_TROUBLES = ("丢了", "破了", "松动响", "塌下去了", "缺了一块")


def about_bicycles() -> Iterator[str]:
    """200 sentences."""
    for bike, place, trouble in product(BIKES, BIKE_PLACES, BIKE_TROUBLES):
        yield f"{place}{bike}{trouble}"


def about_manholes() -> Iterator[str]:
    """300 sentences."""
    for cover, place, trouble in product(COVERS, COVER_PLACES, COVER_TROUBLES):
        yield f"{place}的{cover}{trouble}"
