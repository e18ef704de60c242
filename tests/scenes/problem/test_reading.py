"""No number is read wrong in silence: files as people have them, and what must be read of each, or why not."""

from __future__ import annotations

import datetime
import gzip
import io
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from lecture.edition import load_edition
from lecture.errors import LectureError
from scenes import LECTURE
from scenes.problem.new_file import new
from scenes.problem.source import Format
from scenes.problem.table import DataError, read_table


@dataclass
class Case:
    """A file, and what must come of it.

    Attributes
    ----------
    content : str or bytes
    values : dict
        The first values of columns: numbers, or texts.
    target, model : str
    unused : tuple of str
        Columns that are no features.
    features : tuple of str
        If given, exactly these.
    told : str
        What is said of it.
    silent : str
        What is not said of it.
    refused : str
        What is said instead of reading it.
    """

    content: str | bytes
    values: dict[str, list] = field(default_factory=dict)
    target: str = ""
    model: str = ""
    unused: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    told: str = ""
    silent: str = ""
    refused: str = ""
    name: str = "d.csv"


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, table in sheets:
        sheet = book.create_sheet(title)
        for row in table:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GERMAN = rows(
    "preis;zimmer;alter", "5.930,0;3,9;45,7", "11.250,0;5,1;12,0", "7.480,0;4,4;30,5", "1.020.350,0;8,0;3,2"
)
LATIN = rows("Größe;Gewicht;Fläche m²", "1,5;60;3", "1,7;72;4", "1,6;66;2", "1,8;90;9")
NUMBERED = [f"{k},{k * k % 7},{3 * k + k % 4}" for k in range(1, 13)]

CASES = {
    # Thousands and decimals.
    "US thousands": Case(
        rows(
            "price,rooms,age",
            '"5,930",3.9,45.7',
            '"11,250",5.1,12.0',
            '"7,480",4.4,30.5',
            '"1,020,350",8.0,3.2',
        ),
        {"price": [5930, 11250, 7480, 1020350], "rooms": [3.9, 5.1]},
    ),
    "US thousands that only other columns explain": Case(
        rows("price,rooms", '"5,930",3.9', '"11,250",5.1', '"7,480",4.4'), {"price": [5930, 11250, 7480]}
    ),
    "German thousands": Case(GERMAN, {"preis": [5930, 11250, 7480, 1020350], "zimmer": [3.9, 5.1]}),
    "German thousands without decimals": Case(
        rows("preis;zimmer", "5.930;3,9", "11.250;5,1", "7.480;4,4"), {"preis": [5930, 11250, 7480]}
    ),
    "thousands by dots, twice": Case(
        rows("einwohner;x", "1.234.567;1", "2.345.678;2", "345.678;4"),
        {"einwohner": [1234567, 2345678, 345678]},
    ),
    "thousands by spaces": Case(
        rows("prix;pièces", "5 930,50;3,5", "11 250,00;5,0", "980,00;2,5"), {"prix": [5930.5, 11250, 980]}
    ),
    "thousands by narrow spaces": Case(
        rows("prix;pièces", "5\u202f930,5;3", "11\u202f250;5", "980;2"), {"prix": [5930.5, 11250, 980]}
    ),
    "thousands by protected spaces": Case(
        rows("y;x", "1\u00a0234;1", "22\u00a0345;2", "980;4"), {"y": [1234, 22345, 980]}
    ),
    "thousands by apostrophes": Case(
        rows("preis;zimmer", "5'930.50;3.5", "1'211'250.00;5", "980;2.5"), {"preis": [5930.5, 1211250, 980]}
    ),
    "thousands by typographic apostrophes": Case(
        rows("preis,zimmer", "5’930.5,3.5", "11’250,5", "980,2.5"), {"preis": [5930.5, 11250, 980]}
    ),
    "lakhs and crores": Case(
        rows("y,x", '"1,00,000",1', '"12,34,567",2', '"5,000",3'), {"y": [100000, 1234567, 5000]}
    ),
    "decimal commas in one column, points in another": Case(
        rows("a;b;y", "1,5;2.5;1", "2,25;3.75;2", "3,125;4.0;5"),
        {"a": [1.5, 2.25, 3.125], "b": [2.5, 3.75, 4]},
    ),
    "decimal commas with exponents": Case(
        rows("a;y", "1,5e3;1", "2,5E-1;2", "3e0;4"), {"a": [1500, 0.25, 3]}
    ),
    "decimal commas in quotation marks": Case(
        rows('"a","y"', '"1,5","10"', '"2,25","20"', '"3,1","25"'), {"a": [1.5, 2.25, 3.1], "y": [10, 20, 25]}
    ),
    "three decimals between commas": Case(
        rows("density,y", "1.005,3", "1.010,4", "1.025,7"), {"density": [1.005, 1.01, 1.025]}
    ),
    "three decimals that one value betrays": Case(
        rows("a;y", "1.005;3", "0.995;4", "1.025;7"), {"a": [1.005, 0.995, 1.025]}
    ),
    "three decimals that another column betrays": Case(
        rows("a;y", "1.005;3.5", "1.995;4.25", "1.025;7"), {"a": [1.005, 1.995, 1.025]}
    ),
    "dots that could be either": Case(
        rows("a;b;y", "1.005;1;3", "2.995;5;4", "1.025;2;7", "4.111;3;9"),
        {"b": [1, 5]},
        unused=("a",),
        told="cannot",
    ),
    "commas that could be either": Case(
        rows("a,b,y", '"1,005",1,3', '"2,995",5,4', '"1,025",2,7', '"4,111",1,2'),
        unused=("a",),
        told="cannot",
    ),
    "both marks in one column": Case(
        rows("a;b;y", "1,5;1;2", "2.5;3;3", "3,5;2;5", "1;1;1"),
        unused=("a",),
        told="points and commas in one column",
    ),
    "dots in other groups than three": Case(
        rows("version;b;y", "1.2.3;1;2", "1.10.3;3;3", "2.0.0;2;5", "2.1.0;1;1"), unused=("version",)
    ),
    "addresses of machines": Case(
        rows("ip,b,y", "10.0.0.1,1,2", "192.168.1.10,3,4", "10.0.0.2,7,1"), unused=("ip",)
    ),
    "percent": Case(rows("share,x,y", "45%,1,2", "12.5%,2,4", "100%,4,3"), {"share": [45, 12.5, 100]}),
    "currency before": Case(
        rows("price,x,y", '"$1,234.50",1,2', "$85.00,2,4", '"$2,000.00",4,3'), {"price": [1234.5, 85, 2000]}
    ),
    "currency behind": Case(
        rows("preis;x;y", "12,50 €;1;2", "1.085,00 €;2;4", "9,99 €;4;3"), {"preis": [12.5, 1085, 9.99]}
    ),
    "two currencies": Case(rows("price,x,y", "$12,1,2", "€14,2,4", "$3,4,3"), unused=("price",), told="unit"),
    "US money without cents": Case(
        rows("cost,profit", '"$1,200",$400', '"$1,100",($150)', '$800,"$1,500"', "$650,$500"),
        {"cost": [1200, 1100, 800], "profit": [400, -150, 1500]},
    ),
    "prices of fuel have three decimals": Case(
        rows("price;x;y", "1.459 €;1;2", "1.509 €;2;4", "1.389 €;4;3"), unused=("price",), told="cannot"
    ),
    "thousands that a smaller number betrays": Case(
        rows("people;x;y", "1.250;1;2", "980;2;4", "12.400;4;3"), {"people": [1250, 980, 12400]}
    ),
    "three decimals beside whole numbers": Case(
        rows("a;x;y", "1.255;1;2", "3;2;4", "2.114;4;3"), unused=("a",), told="cannot"
    ),
    "Arabic digits": Case(
        rows("a;y", "١٫٥;٢", "١٬٢٥٠٫٥;٣", "٣٫٢٥;٥"), {"a": [1.5, 1250.5, 3.25], "y": [2, 3, 5]}
    ),
    "wide digits": Case(rows("a,y", "１２.５,1", "３,2", "−４,5"), {"a": [12.5, 3, -4]}),
    "units in the cells": Case(
        rows("weight,x,y", *(f"{60 + k} kg,{k % 5},{k * 3 % 7}" for k in range(12))),
        unused=("weight",),
        told="more than numbers, such as “60 kg”",
    ),
    "errors in the cells": Case(
        rows("size,x,y", *(f"{k}.5±0.1,{k % 5},{k * 3 % 7}" for k in range(12))),
        unused=("size",),
        told="more than numbers",
    ),
    "ranges are levels": Case(
        rows("age,x,y", "18-25,1,2", "26-35,2,4", "18-25,4,3", "36-45,1,7"), features=("age", "x")
    ),
    "percent in some rows alone": Case(
        rows("share,x,y", "45%,1,2", "0.5,2,4", "100%,4,3"), unused=("share",), told="one unit in all rows"
    ),
    "numbers of twenty digits": Case(
        rows("id,x,y", "12345678901234567890,1,2", "12345678901234567891,2,4", "12345678901234567892,4,3"),
        unused=("id",),
    ),
    "hexadecimal codes": Case(rows("code,x,y", "0x1F,1,2", "0x2A,2,4", "0xFF,4,3"), unused=("code",)),
    "bounds of detection": Case(
        rows("psa,age,y", *(f"{'<0.1' if k % 4 == 0 else k / 10},{50 + k},{k * 3 % 7}" for k in range(12))),
        unused=("psa",),
        told="<0.1",
    ),
    # Signs.
    "Unicode minus": Case(
        rows("a,y", "\u22125.5,1", "2.5,2", "\u22121e\u22123,4"), {"a": [-5.5, 2.5, -0.001]}
    ),
    "negative in parentheses": Case(
        rows("profit,y", "(1.50),1", "2.5,2", '"(1,200.00)",4', "0,3"), {"profit": [-1.5, 2.5, -1200, 0]}
    ),
    "plus signs": Case(rows("a,y", "+5,1", "-2.5,2", "+.5,3"), {"a": [5, -2.5, 0.5]}),
    "bounds are no numbers": Case(
        rows("a,b,y", "<0.5,1,2", "1.5,2,3", "2.5,5,9"), unused=("a",), told="<0.5"
    ),
    "fractions are no numbers": Case(rows("a,b,y", "1/2,1,2", "1/3,2,3", "3/4,5,9"), unused=("a",)),
    "underscores are no digits": Case(rows("a,b,y", "1_000,1,2", "2_500,2,3", "3_100,5,9"), unused=("a",)),
    # Dates and times.
    "clock times": Case(
        rows(
            "time;co;temp", "18.00.00;2,6;13,6", "19.00.00;2,0;13,3", "20.00.00;2,2;11,9", "21.00.00;2,2;11,0"
        ),
        {"co": [2.6, 2.0], "temp": [13.6, 13.3]},
        unused=("time",),
    ),
    "days": Case(rows("day,x,y", "2024-01-31,1,2", "2024-02-01,2,4", "2024-02-02,4,3"), unused=("day",)),
    "German days": Case(rows("tag;x;y", "31.01.2024;1;2", "01.02.2024;2;4", "2.2.24;4;3"), unused=("tag",)),
    "American days with hours": Case(
        rows("at,x,y", "1/31/2024 6:05 PM,1,2", "2/1/2024 12:00 AM,2,4", "2/2/2024 1:15 PM,4,3"),
        unused=("at",),
    ),
    "days without strokes": Case(
        rows("day,x,y", "20240131,1,2", "20240201,2,4", "20240202,4,3"), unused=("day",)
    ),
    "months by name": Case(
        rows("month,x,y", "Jan 2020,1,2", "Feb 2020,2,4", "Mar 2020,4,3"), unused=("month",)
    ),
    "house sales": Case(
        rows("date,x,y", "20141013T000000,1,2", "20141209T000000,2,4", "20150225T000000,4,3"),
        unused=("date",),
    ),
    "a year is a number": Case(
        rows("year,x,y", "1999,1,2", "2000,2,4", "2003,4,3"), {"year": [1999, 2000]}, features=("year", "x")
    ),
    "seconds since 1970": Case(
        rows("timestamp,x,y", "1400000000,1,2", "1400000060,2,4", "1400000120,4,3"), unused=("timestamp",)
    ),
    # Missing values and labels.
    "class none": Case(
        rows(
            "dose,age,reaction",
            "1,30,none",
            "2,41,none",
            "6,52,mild",
            "9,33,severe",
            "3,64,none",
            "7,45,mild",
        ),
        {"reaction": ["none", "none", "mild"]},
        target="reaction",
        model="softmax",
    ),
    "region NA": Case(
        rows("sales,staff,region", "10,3,NA", "12,4,EU", "9,3,NA", "15,6,EU", "11,4,NA", "14,5,EU"),
        {"region": ["NA", "EU", "NA"]},
        target="region",
        model="logistic",
    ),
    "charges": Case(
        rows("x,z,charge", "1,2,+", "2,1,-", "3,5,+", "4,3,-"), {"charge": ["+", "-"]}, target="charge"
    ),
    "NA among numbers and among labels": Case(
        rows("x,z,kind", "1,2,NA", "NA,1,b", "3,5,NA", "4,3,b"),
        {"kind": ["NA", "b"]},
        told="is read as a label",
    ),
    "errors of Excel": Case(
        rows("x,y", "1,2.1", "2,#N/A", "3,6.2", "4,#VALUE!", "5,9.8", "6,12.1"),
        {"x": [1, 3, 5, 6], "y": [2.1, 6.2, 9.8, 12.1]},
        told="2 rows with missing values left out",
    ),
    "dots, strokes and <NA>": Case(
        rows("x,z,y", "1,3,2", "2,.,3", "-,4,5", "4,<NA>,6", "5,7,..", "6,1,1"),
        {"x": [1, 6], "z": [3, 1], "y": [2, 1]},
    ),
    "question marks": Case(
        rows("hp,w,mpg", "130,3504,18", "?,3693,15", "150,3436,18"), {"hp": [130, 150], "mpg": [18, 18]}
    ),
    "missing classes": Case(
        rows("x,z,kind", "1,2,a", "2,1,", "3,5,b", "4,1,?"), {"kind": ["a", "b"]}, target="kind"
    ),
    "a column of nothing": Case(rows("a,b,c,y", "1,,3,1", "2,,1,4", "4,,5,2"), {"a": [1, 2]}, unused=("b",)),
    "not a number in C": Case(rows("a,y", "1,2", "-1.#IND,3", "3,5", "4,-nan(ind)"), {"a": [1, 3]}),
    # Headers.
    "no header": Case(
        rows("5.1,3.5,1.4,0.2", "4.9,3.0,1.4,0.2", "7.0,3.2,4.7,1.4"), refused="no names in the first line"
    ),
    "no header, with classes": Case(
        rows("5.1,3.5,setosa", "4.9,3.0,setosa", "7.0,3.2,virginica", "6.4,3.2,virginica"),
        refused="no names in the first line",
    ),
    "no header, with a missing value": Case(
        rows("?,3.5,setosa", "4.9,3.0,setosa", "7.0,3.2,virginica"), refused="no names in the first line"
    ),
    "no header, classes alone": Case(
        rows("p,x,s", "e,x,s", "e,b,s", "p,x,y", "e,x,y", "e,x,s"), refused="no names in the first line"
    ),
    "numbers as names": Case(
        rows("country,1990,1991,1992", "A,3.5,3.6,4", "B,2,2.5,3", "C,8,7,7.5"),
        {"1990": [3.5, 2, 8], "1992": [4, 3]},
    ),
    "pandas' numbers as names": Case(
        rows(",0,1,2", "0,1.5,2,3", "1,2.5,1,2", "2,4.5,4,9"), {"0": [1.5, 2.5], "2": [3, 2]}
    ),
    "Excel's line of the delimiter": Case(
        rows("sep=;", "a;b;c", "1;2;3.5", "2;3;4.5", "4;1;6"), {"a": [1, 2], "c": [3.5, 4.5]}
    ),
    "units after a comma": Case(
        rows("Höhe, m;Masse, kg;Zeit, s", "1,5;2,5;3,5", "2,5;3,25;4,5", "3,0;4,5;6,0"),
        {"Höhe, m": [1.5, 2.5], "Masse, kg": [2.5, 3.25], "Zeit, s": [3.5, 4.5]},
    ),
    "a title above": Case(
        rows("Sales of 2023", "", "region,price,sales", "N,3.5,20", "S,2.5,30", "W,4.5,10"),
        {"price": [3.5, 2.5], "sales": [20, 30]},
        told="1 line above the header",
    ),
    "a title in a table of two": Case(
        rows("My data", "x,y", "1,2", "2,4", "4,3"), {"x": [1, 2], "y": [2, 4]}
    ),
    "a title from a spreadsheet": Case(
        rows("Report;;", "made on 1.2.2024;;", "a;b;y", "1;2;3", "2;5;4", "3;1;9"), {"a": [1, 2], "y": [3, 4]}
    ),
    "comments above": Case(
        rows("# made by a sensor, unit 3", "# on Monday", "x,z,y", "1,2,3", "2,5,4", "4,1,1"),
        {"x": [1, 2], "y": [3, 4]},
        told="2 lines of comments",
    ),
    "names in a comment": Case(
        rows("# x z y", "1.5 2 3", "2.5 5 4", "4.5 1 1"), {"x": [1.5, 2.5], "y": [3, 4]}
    ),
    "a column called #": Case(
        rows("#,Name,HP,Speed", "1,Bulbasaur,45,45", "2,Ivysaur,60,60", "3,Venusaur,80,70", "4,Charm,39,65"),
        {"HP": [45, 60], "Speed": [45, 60]},
        unused=("#", "Name"),
    ),
    "comments between": Case(
        rows("x,z,y", "1,2,3", "# broken here", "2,5,4", "4,1,1"),
        {"x": [1, 2, 4]},
        told="1 line of comments left out",
    ),
    "units below the names": Case(
        rows("length,mass,time", "m,kg,s", "1.5,2,3", "2.5,5,4", "4,1,1"),
        {"length": [1.5, 2.5], "time": [3, 4]},
        told="1 more line of the header left out",
    ),
    "types below the names": Case(
        rows(
            "Car;MPG;Weight", "STRING;DOUBLE;DOUBLE", "Chevy;18.0;3504.", "Buick;15.0;3693.", "Ford;17;3400."
        ),
        {"MPG": [18, 15], "Weight": [3504, 3693]},
    ),
    "the header again": Case(
        rows("x,z,y", "1,2,3", "2,5,4", "x,z,y", "4,1,1"), {"x": [1, 2, 4]}, told="1 row repeats the header"
    ),
    "spaces around everything": Case(
        rows(" x , z , class ", " 1 , 2.5 , a ", " 2 , 3.5 , b ", " 4 , 1.0 , a ", "5,2,b"),
        {"x": [1, 2], "z": [2.5, 3.5], "class": ["a", "b"]},
        target="class",
    ),
    "a name for every column but one": Case(
        rows(",TV,Radio,Sales", "1,230.1,37.8,22.1", "2,44.5,39.3,10.4", "3,17.2,45.9,9.3"),
        {"TV": [230.1, 44.5], "Sales": [22.1, 10.4]},
        unused=("column 1",),
    ),
    "names of rows as R writes them": Case(
        rows("mpg\tcyl\twt", "Mazda RX4\t21\t6\t2.62", "Datsun 710\t22.8\t4\t2.32", "Hornet\t21.4\t6\t3.215"),
        {"mpg": [21, 22.8], "wt": [2.62, 2.32]},
    ),
    "numbers of rows as R writes them": Case(
        rows('"a" "y"', '"1" 2.5 3', '"2" 3.5 4', '"3" 1.5 9'), {"a": [2.5, 3.5], "y": [3, 4]}
    ),
    "two columns of one name": Case(
        rows("a,a,b,y", "1,2,3,1", "2,1,1,4", "3,3,7,2"), unused=("a",), features=("b",)
    ),
    # Delimiters.
    "tabs": Case(rows("a\tb\ty", "1,5\t2\t3", "2,5\t5\t4", "3,5\t1\t9"), {"a": [1.5, 2.5], "y": [3, 4]}),
    "bars": Case(rows("a|b|y", "1.5|2|3", "2.5|5|4", "3.5|1|9"), {"a": [1.5, 2.5], "y": [3, 4]}),
    "columns of spaces": Case(
        rows("  crim    zn  medv", "  0.006  18.0  24.0", " 10.027   0.0  21.6", "  0.027   0.0  34.7"),
        {"crim": [0.006, 10.027], "medv": [24, 21.6]},
    ),
    "commas in quoted texts": Case(
        rows("name,x,y", '"Smith, Jane",1,2', '"Doe, John",2,4', '"Roe, Rick",4,3'),
        {"x": [1, 2], "y": [2, 4]},
    ),
    "line ends of old Macs": Case(
        rows("a,b,y", "1,2,3", "2,5,4", "4,1,1").replace("\n", "\r"), {"a": [1, 2], "y": [3, 4]}
    ),
    "unquoted decimal commas between commas": Case(
        rows("x,y", "1,5,2,5", "2,5,3,5", "3,5,1,25"), refused="expected 2 cells"
    ),
    "unquoted decimal commas in one of two columns": Case(
        rows("x,y", "1,5,2", "2,5,3", "3,5,1"), refused="expected 2 cells"
    ),
    # Ends.
    "trailing delimiters": Case(
        rows("a;b;c;;", "1;2;3;;", "2;4;5;;", "3;5;9;;", ";;;;"), {"a": [1, 2, 3], "c": [3, 5, 9]}
    ),
    "trailing delimiters below the header alone": Case(
        rows("a,b,y", "1,2,3,", "2,4,5,", "3,5,9,"), {"a": [1, 2, 3], "y": [3, 5, 9]}
    ),
    "a total": Case(
        rows("month,sales,cost", "1,10,5", "2,12,6", "3,11,9", "Total,33,20"),
        {"month": [1, 2, 3], "cost": [5, 6, 9]},
        told="1 row at the end left out",
    ),
    "a sum in German": Case(
        rows("monat;umsatz;kosten", "1;10,5;5", "2;12;6", "3;11;9", "Summe:;33,5;20"),
        {"umsatz": [10.5, 12, 11]},
    ),
    "a source": Case(
        rows("x,z,y", "1,2,3", "2,5,4", "4,1,1", "", "Source: Eurostat, 2020, table 7, and others"),
        {"x": [1, 2, 4]},
    ),
    "a count of rows": Case(rows("x,z,y", "1,2,3", "2,5,4", "4,1,1", "(3 rows affected)"), {"x": [1, 2, 4]}),
    "a row cut off": Case(rows("x,z,y", "1,2,3", "2,5,4", "4,1"), refused="expected 3 cells"),
    "empty rows between": Case(rows("x,z,y", "1,2,3", ",,", "", "2,5,4", "4,1,1"), {"x": [1, 2, 4]}),
    # Encodings.
    "latin-1": Case(LATIN.encode("latin-1"), {"Größe": [1.5, 1.7], "Fläche m²": [3, 4]}, told="cp1252"),
    "Windows' quotation marks": Case(
        rows("“a” – x;Preis in €;y", "1;2;3", "2;5;4", "4;1;1").encode("cp1252"),
        {"Preis in €": [2, 5], "“a” – x": [1, 2]},
    ),
    "UTF-16": Case(LATIN.encode("utf-16"), {"Größe": [1.5, 1.7]}),
    "UTF-16 without a mark": Case(LATIN.encode("utf-16-le"), {"Größe": [1.5, 1.7]}),
    "UTF-8 with a mark": Case(LATIN.encode("utf-8-sig"), {"Größe": [1.5, 1.7]}),
    # Packed and other files.
    "gzipped": Case(gzip.compress(GERMAN.encode()), {"preis": [5930, 11250]}, name="d.csv.gz"),
    "gzipped under another name": Case(gzip.compress(GERMAN.encode()), {"preis": [5930, 11250]}),
    "a workbook": Case(
        workbook(
            ("Data", [["x", "z", "kind"], [1, 2.5, "a"], [2, None, "b"], [4, 3.5, "a"], [5, "#N/A", "b"]])
        ),
        {"x": [1, 4], "z": [2.5, 3.5], "kind": ["a", "a"]},
        name="d.xlsx",
    ),
    "a workbook with a title, an empty sheet and a total": Case(
        workbook(
            ("Empty", []),
            ("Data", [["Report"], [], ["x", "y"], [1, 2], [2, 4], [4, 3], ["Total", 9]]),
            ("Notes", [["about"]]),
        ),
        {"x": [1, 2, 4], "y": [2, 4, 3]},
        told="sheet Data read",
        name="d.xlsx",
    ),
    "notes beside the table": Case(
        workbook(
            (
                "Data",
                [
                    ["x", "z", "y", None, "see the appendix"],
                    *([k, k * k % 5, 2 * k, None, "twice measured" if k == 2 else None] for k in range(6)),
                ],
            )
        ),
        {"x": [0, 1, 2], "y": [0, 2, 4]},
        told="beside the table",
        name="d.xlsx",
    ),
    "a table that begins somewhere": Case(
        workbook(
            (
                "Data",
                [
                    [],
                    [],
                    [None, None, "x", "z", "y"],
                    *([None, None, k, k * k % 5, 2 * k + 1] for k in range(6)),
                ],
            )
        ),
        {"x": [0, 1, 2], "y": [1, 3, 5]},
        features=("x", "z"),
        name="d.xlsx",
    ),
    "names above names": Case(
        workbook(
            (
                "Data",
                [
                    ["Group A", None, "Group B", None],
                    ["x", "z", "w", "y"],
                    *([k, k * 2 % 5, k * 3 % 7, k] for k in range(6)),
                ],
            )
        ),
        {"x": [0, 1], "w": [0, 3]},
        told="1 line above the header",
        name="d.xlsx",
    ),
    "cells of Excel's own types": Case(
        workbook(
            (
                "Data",
                [
                    ["date", "flag", "share", "y"],
                    *(
                        [datetime.datetime(2024, 1, 1 + k, 12, 30), bool(k % 2), 0.1 * k, k * 3 % 7]
                        for k in range(8)
                    ),
                ],
            )
        ),
        {"flag": [0, 1], "share": [0, 0.1]},
        unused=("date",),
        name="d.xlsx",
    ),
    "JSON": Case('[{"a": 1, "y": 2}, {"a": 2, "y": 3}]', refused="JSON"),
    "a file of Weka": Case(rows("@relation r", "@attribute a numeric", "@data", "1,2"), refused="ARFF"),
    "a web page": Case("<!DOCTYPE html>\n<html><body>1,2</body></html>", refused="web page"),
    "an old workbook": Case(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), refused="save it as .xlsx", name="d.csv"
    ),
    "a workbook that is none": Case("a,b\n1,2\n", refused="is none", name="d.xlsx"),
    "damaged packing": Case(gzip.compress(GERMAN.encode() * 50)[:-20], refused="damaged"),
    # What is no feature.
    "identifiers": Case(
        rows("CustomerID,Income,Score", *(f"{1001 + k},{15 + k % 5},{k * 13 % 17}" for k in range(12))),
        {"Income": [15, 16]},
        unused=("CustomerID",),
    ),
    "identifiers that repeat": Case(
        rows("user_id,x,y", *(f"{k % 4},{k * 7 % 5},{k * 3 % 11}" for k in range(12))), unused=("user_id",)
    ),
    "names": Case(rows("name,x,y", "Ann,1,2", "Bob,2,4", "Cy,3,1", "Dan,4,7", "Eve,5,3"), unused=("name",)),
    "codes with zeros": Case(
        rows("zip,x,y", "01234,1,2", "09876,2,4", "04321,3,1", "00987,4,7"), unused=("zip",)
    ),
    "numbers of rows": Case(rows("No,x,y", *NUMBERED), unused=("No",)),
    "a constant": Case(rows("a,b,y", "7,1,2", "7,2,4", "7,3,1"), unused=("a",)),
    "near-copies": Case(
        rows(
            "cm,inches,x,y",
            *(f"{150 + 3 * k},{(150 + 3 * k) / 2.54:.1f},{k * 7 % 5},{k * 3 % 11}" for k in range(12)),
        ),
        features=("cm", "x"),
        unused=("inches",),
        told="almost a copy of",
    ),
    "serial days": Case(
        rows("day,temp,failed", *(f"{45000 + k},{20 + k * 5 % 13},{int(k * 5 % 13 > 6)}" for k in range(24))),
        {"day": [45000, 45001]},
        target="failed",
        model="logistic",
    ),
    # Targets and texts.
    "0 and 1": Case(rows("x,z,y", "1,2,0", "2,5,1", "4,1,0", "3,3,1", "2,2,0"), target="y", model="logistic"),
    "called target, not last": Case(rows("target,x,z", "1.5,2,0", "2.5,5,1", "4.5,1,0"), target="target"),
    "truth values": Case(
        rows("x,smoker,y", "1.5,yes,2", "2.5,no,3", "3.5,no,5", "4.5,yes,4"),
        features=("x", "smoker"),
        target="y",
    ),
    "the index that pandas writes": Case(
        rows("Unnamed: 0,Unnamed: 0.1,x,y", *(f"{k},{k},{k * 7 % 5},{k * 3 % 11}" for k in range(8))),
        unused=("Unnamed: 0",),
    ),
    "zip codes without zeros in front": Case(
        rows("zip,x,y", "10115,1,2", "80331,2,4", "20095,3,1", "50667,4,7"), unused=("zip",)
    ),
    "a sentinel is named": Case(
        rows("a,x,y", "1,3,2", "2,1,3", "-999,4,5", "3,5,1", "2.5,2,2"),
        {"a": [1, 2, -999]},
        told='missing = ["-999"]',
    ),
    "99 among its like is none": Case(
        rows("a,x,y", "97,3,2", "98,1,3", "99,4,5", "96,5,1", "95,2,2"),
        {"a": [97, 98, 99]},
        silent="missing =",
    ),
    "many texts": Case(
        rows("city,x,y", *(f"{'abcdefghijklmnop'[k % 16]},{k * 7 % 5},{k * 3 % 11}" for k in range(32))),
        unused=("city",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_right_or_refused(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path = tmp_path / case.name
    path.write_bytes(case.content.encode() if isinstance(case.content, str) else case.content)
    if case.refused:
        with pytest.raises(LectureError, match=re.escape(case.refused)) as caught:
            new(str(path))
        assert "\n" not in str(caught.value)
        return
    written, report = new(str(path))
    problem = tomllib.loads(written.read_text(encoding="utf-8"))["problem"]
    assert not case.target or problem["target"] == case.target
    assert not case.model or problem["model"] == case.model
    assert not case.features or problem["features"] == list(case.features)
    assert not set(case.unused) & {*problem["features"], problem["target"]}
    texts = [column for column, values in case.values.items() if isinstance(values[0], str)]
    numbers = [column for column in case.values if column not in texts]
    said = _plain(report)
    if case.values:
        table = read_table(
            path,
            numbers,
            texts,
            missing=problem.get("missing", "refuse"),
            decimal=problem.get("decimal", "auto"),
        )
        for column, values in case.values.items():
            read = table.texts[column] if column in texts else table.numbers[column].tolist()
            assert read[: len(values)] == values
        said += " ".join(map(str, table.remarks))
    assert case.told in said
    assert not case.silent or case.silent not in said


def _plain(report: list[object]) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=400)
    for told in report:
        console.print(told)
    return console.file.getvalue()  # type: ignore[attr-defined]


class TestWhatTheUserSays:
    def file(self, folder: Path, text: str) -> Path:
        path = folder / "d.csv"
        path.write_text(text, encoding="utf-8")
        return path

    def test_missing_values_of_their_own(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, "a,b,k\n1,2,x\n-999,3,y\n3,-999.0,x\n4,5,unknown\n6,7,y\n")
        table = read_table(path, ["a", "b"], ["k"], missing=["-999", "unknown"])
        assert table.numbers["a"].tolist() == [1, 6]
        assert table.texts["k"] == ["x", "y"]
        assert table.dropped == 3

    def test_a_label_can_be_made_missing(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, "a,k\n1,NA\n2,b\n3,c\n")
        assert read_table(path, [], ["k"]).texts["k"] == ["NA", "b", "c"]
        assert read_table(path, [], ["k"], missing=["NA"]).texts["k"] == ["b", "c"]

    def test_the_decimal_mark(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, "a;b\n1.005;1\n2.995;5\n")
        assert read_table(path, ["a"], decimal=".").numbers["a"].tolist() == [1.005, 2.995]
        assert read_table(path, ["a"], decimal=",").numbers["a"].tolist() == [1005, 2995]

    def test_names_for_a_file_without(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,virginica\n")
        table = read_table(path, ["w"], ["kind"], given=Format(columns=("l", "w", "kind")))
        assert table.numbers["w"].tolist() == [3.5, 3.0, 3.2]
        assert table.texts["kind"] == ["setosa", "setosa", "virginica"]
        with pytest.raises(DataError, match="3 columns, but columns names 2"):
            read_table(path, ["w"], given=Format(columns=("l", "w")))

    def test_delimiter_encoding_and_sheet(self, tmp_path: Path) -> None:
        path = tmp_path / "d.csv"
        path.write_bytes("вес:y\n1.5:2\n2.5:3\n".encode("koi8-r"))
        given = Format(delimiter=":", encoding="koi8-r")
        assert read_table(path, ["вес"], given=given).numbers["вес"].tolist() == [1.5, 2.5]
        with pytest.raises(DataError, match="no encoding 'klingon'"):
            read_table(path, ["y"], given=Format(encoding="klingon"))
        book = tmp_path / "d.xlsx"
        book.write_bytes(workbook(("A", [["x", "y"], [1, 2], [3, 5]]), ("B", [["x", "y"], [7, 8], [9, 1]])))
        assert read_table(book, ["x"], given=Format(sheet="B")).numbers["x"].tolist() == [7, 9]
        with pytest.raises(DataError, match=r"no sheet 'C' \(sheets: A, B\)"):
            read_table(book, ["x"], given=Format(sheet="C"))

    def test_make_new_takes_what_it_asks_for(self, tmp_path: Path) -> None:
        path = tmp_path / "d.csv"
        path.write_bytes(
            "рост;вес;возраст\n170,5;65,2;30\n180,1;80,3;40\n165,0;-9;25\n175,5;70,1;35\n".encode("koi8-r")
        )
        with pytest.raises(LectureError, match=r"new takes (ENCODING=|--encoding[ =])"):
            new(str(path))
        written, _report = new(str(path), encoding="koi8-r", missing="-9", decimal=",", delimiter=";")
        problem = load_edition(written, LECTURE).problem
        assert problem.names == ("рост", "вес")
        assert problem.data.rows == 3
        headless = self.file(tmp_path / "..", "1.5,2,3\n2.5,1,4\n3.5,5,1\n4.5,2,2\n")
        with pytest.raises(LectureError, match=r"new takes (COLUMNS=|--columns[ =])"):
            new(str(headless))
        written, _report = new(str(headless), columns="a, b, y")
        assert load_edition(written, LECTURE).problem.data.rows == 4

    @pytest.mark.parametrize(
        ("how", "told"),
        [
            ({"decimal": "x"}, "decimal: expected . or ,"),
            ({"delimiter": "#"}, "delimiter: expected one of"),
            ({"columns": "a,,b"}, "columns: expected different texts"),
        ],
    )
    def test_what_it_cannot_take_is_one_sentence(
        self, tmp_path: Path, how: dict[str, str], told: str
    ) -> None:
        with pytest.raises(LectureError, match=re.escape(told)):
            new(str(self.file(tmp_path, "a,y\n1,2\n2,3\n")), **how)

    def test_columns_by_hand(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, 'a,b,"c, d",y\n1,2,3,1.5\n2,1,5,2.5\n4,2,1,0.5\n3,3,3,1\n')
        written, _report = new(str(path), target="b", features="c, d,y")
        problem = tomllib.loads(written.read_text(encoding="utf-8"))["problem"]
        assert problem["target"] == "b"
        assert problem["features"] == ["c, d", "y"]
        written.unlink()
        with pytest.raises(LectureError, match="no column 'z'"):
            new(str(path), target="z")
        with pytest.raises(LectureError, match="target and feature"):
            new(str(path), target="b", features="a,b")


class TestRemedies:
    """A remedy helps here: it is not in force already, and what it reads is not wrong."""

    @pytest.mark.parametrize(
        ("text", "settings", "remedy"),
        [
            ("a;y\n1,5;1\n2,5;2\n", {"decimal": "."}, 'decimal = ","'),
            ("a;y\n1.5;1\n2.5;2\n", {"decimal": ","}, 'decimal = "."'),
            ("a,y\nx,1\n2.5,2\n3,1\n4,1\n", {}, 'missing = ["x"]'),
            ("a,y\n2024-01-02,1\n2024-01-03,2\n", {}, "dates and times are no numbers"),
            ("a,y\n,1\n2,2\n", {}, 'missing = "drop"'),
        ],
    )
    def test_what_helps_is_said(
        self, tmp_path: Path, text: str, settings: dict[str, str], remedy: str
    ) -> None:
        path = tmp_path / "d.csv"
        path.write_text(text)
        with pytest.raises(DataError) as caught:
            read_table(path, ["a"], **settings)  # type: ignore[arg-type]
        assert remedy in str(caught.value)

    @pytest.mark.parametrize("cell", ["1e+300", '"1,234"', "abc", "1.2.3", "18.00.00"])
    def test_a_decimal_comma_is_not_suggested_where_it_does_not_help(self, tmp_path: Path, cell: str) -> None:
        path = tmp_path / "d.csv"
        path.write_text(f"a,y\n{cell},1\n2.5,2\n3.5,1\n")
        if cell == '"1,234"':
            assert read_table(path, ["a"]).numbers["a"].tolist() == [1234, 2.5, 3.5]
            return
        with pytest.raises(DataError) as caught:
            read_table(path, ["a"])
        assert 'decimal = ","' not in str(caught.value)

    def test_nor_what_is_in_force(self, tmp_path: Path) -> None:
        path = tmp_path / "d.csv"
        path.write_text("a;y\n1,5;1\nx;2\n3;4\n2;3\n")
        with pytest.raises(DataError) as caught:
            read_table(path, ["a"], decimal=",")
        assert "decimal" not in str(caught.value)
