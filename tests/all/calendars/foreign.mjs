// The same as foreign.py with ical.js (Thunderbird, Nextcloud); its file is named by PLAZA_ICAL_JS.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(process.env.PLAZA_ICAL_JS));
const [begin, end] = process.argv.slice(2).map(Number);

// zones that no program has heard of
const text = readFileSync(0, "utf8")
  .replaceAll("\r\n ", "")
  .replace(/TZID([:=])/g, "TZID$1Unheard/Of/");
const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const found = [];
const add = (event, start, stop) => {
  if (start < end && stop > begin) found.push([event.summary, start, stop, event.component.getFirstPropertyValue("status")]);
};
const all = calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event, { exceptions: [] }));
const masters = new Map(all.filter((event) => event.isRecurring()).map((event) => [event.uid, event]));
for (const event of all) {
  const master = masters.get(event.uid);
  if (event.isRecurrenceException() && master) master.relateException(event);
  else if (event !== master) add(event, event.startDate.toUnixTime(), event.endDate.toUnixTime());
}
for (const event of masters.values()) {
  const turns = event.iterator();
  for (let turn = turns.next(); turn && turn.toUnixTime() < end + 31 * 86400; turn = turns.next()) {
    const { item, startDate, endDate } = event.getOccurrenceDetails(turn);
    add(item, startDate.toUnixTime(), endDate.toUnixTime());
  }
}
const order = (one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
process.stdout.write(JSON.stringify({ "ical.js": found.sort(order) }));
