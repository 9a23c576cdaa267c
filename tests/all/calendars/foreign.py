#!/usr/bin/env python3
"""Reads a calendar as programs do that are not ours, and says when its events are.

Standard input: the calendar. Arguments: begin and end of the time that is looked at, in seconds since 1970.
Standard output: JSON, for each reader a list of [title, begin, end, status], in order.

Two readers: libical (GNOME, KDE), and python3-icalendar with dateutil and python3-recurring-ical-events. Neither may look up what
a zone is: each is given a name that no zone database knows, so that only what the calendar says of it counts.
"""

import json
import re
import sys
from datetime import datetime, timezone

import gi

gi.require_version("ICalGLib", "3.0")
import icalendar  # noqa: E402
import recurring_ical_events  # noqa: E402
from gi.repository import ICalGLib  # noqa: E402


def nameless(text):
    """The same calendar with zones that no program has heard of."""
    text = text.replace("\r\n ", "")
    text = re.sub(r"TZID([:=])", r"TZID\1Unheard/Of/", text)
    # these name the zone once more
    return re.sub(r"(?m)^X-(LIC-LOCATION|WR-TIMEZONE):.*\r\n", "", text)


def by_libical(text, begin, end):
    calendar = ICalGLib.Component.new_from_string(text)
    utc = ICalGLib.Timezone.get_utc_timezone()

    def seconds(prop, time):
        zone = utc
        parameter = prop.get_first_parameter(ICalGLib.ParameterKind.TZID_PARAMETER)
        if parameter is not None:
            zone = calendar.get_timezone(parameter.get_tzid())
            assert zone is not None, parameter.get_tzid()
        else:
            assert time.is_utc(), prop.as_ical_string()
        return time.as_timet_with_zone(zone)

    singles, masters, moved = [], [], set()
    kind = ICalGLib.ComponentKind.VEVENT_COMPONENT
    event = calendar.get_first_component(kind)
    while event is not None:
        again = event.get_first_property(ICalGLib.PropertyKind.RECURRENCEID_PROPERTY)
        rule = event.get_first_property(ICalGLib.PropertyKind.RRULE_PROPERTY)
        if again is not None:
            assert rule is None
            moved.add((event.get_uid(), seconds(again, again.get_recurrenceid())))
        (singles if rule is None else masters).append(event)
        event = calendar.get_next_component(kind)

    found = []

    def add(event, start, stop):
        if start < end and stop > begin:
            status = event.get_status()
            name = ICalGLib.Property.status_to_string(status)
            found.append([event.get_summary(), start, stop, name])

    def span(event):
        first = event.get_first_property(ICalGLib.PropertyKind.DTSTART_PROPERTY)
        last = event.get_first_property(ICalGLib.PropertyKind.DTEND_PROPERTY)
        start = seconds(first, first.get_dtstart())
        if last is None:
            length = event.get_first_property(ICalGLib.PropertyKind.DURATION_PROPERTY)
            return start, start + length.get_duration().as_int()
        return start, seconds(last, last.get_dtend())

    for event in singles:
        add(event, *span(event))
    for event in masters:
        start, stop = span(event)
        first = event.get_first_property(ICalGLib.PropertyKind.DTSTART_PROPERTY)
        # with its zone, without which the last moment of a rule, which is in UTC, would be compared with the clock on the wall
        time = first.get_datetime_with_component(event)
        rule = event.get_first_property(ICalGLib.PropertyKind.RRULE_PROPERTY).get_rrule()
        left_out = set()
        but = event.get_first_property(ICalGLib.PropertyKind.EXDATE_PROPERTY)
        while but is not None:
            left_out.add(seconds(but, but.get_exdate()))
            but = event.get_next_property(ICalGLib.PropertyKind.EXDATE_PROPERTY)
        turns = ICalGLib.RecurIterator.new(rule, time)
        turn = turns.next()
        while turn is not None and not turn.is_null_time():
            at = seconds(first, turn)
            if at >= end:
                break
            if at not in left_out and (event.get_uid(), at) not in moved:
                add(event, at, at + stop - start)
            turn = turns.next()
    return found


def by_python(text, begin, end):
    window = [datetime.fromtimestamp(at, timezone.utc) for at in (begin, end)]
    calendar = icalendar.Calendar.from_ical(text)
    found = []
    for event in recurring_ical_events.of(calendar).between(*window):
        start, stop = event["DTSTART"].dt.timestamp(), event["DTEND"].dt.timestamp()
        if start < end and stop > begin:
            found.append([str(event["SUMMARY"]), int(start), int(stop), str(event["STATUS"])])
    return found


def main():
    begin, end = (int(argument) for argument in sys.argv[1:])
    text = nameless(sys.stdin.buffer.read().decode())
    readers = {"libical": by_libical, "python": by_python}
    json.dump({name: sorted(read(text, begin, end)) for name, read in readers.items()}, sys.stdout)


main()
