"""English risks as people tell them, often without naming the harm; and what only sounds like one."""

from __future__ import annotations

import pytest

from detectors.risk import is_risk

RISKS = [
    "my sister is in resus right now because your 'nut free' cake had almonds in it",
    "whole table throwing up since 2am, only thing in common was your oysters",
    "Took my toddler to A&E last night, your bath toy split and sliced her foot, 6 stitches",
    "my tongue went numb and my lips doubled in size after two bites, label says no nuts",
    "my skin is peeling off after one use of your hair remover",
    "your bus driver shut the doors on my nan and dragged her ten metres",
    "your nursery worker tied a boy to his chair because he wouldn't nap",
    "Puppy has been vomiting blood since we switched to your grain free kibble",
    "bit down on something hard in your granola, it was a bit of glass",
    "there's a dead lizard in the bag of spinach, still got its feet",
    "your hoverboard set our hallway alight while we were asleep",
    "I got a shock off your washing machine that threw me across the kitchen",
    "the whole stairwell stinks of gas since your fitter left",
    "the swing just came apart with my son on it",
    "I ordered shoes and was emailed a spreadsheet with 400 customers' addresses and phone numbers",
    "someone took out a loan in my name using the ID scans I gave you",
    "I've got an email to 'all tenants' with every one of our bank details in the attachment",
    "ICO are investigating them over what happened to patient files",
    "Big raid at the Hollis plant this morning, vans, dogs, everyone sent home",
    "Throw away the Nutsy peanut butter if you have it, stores are taking it off the shelves",
    "everyone please cancel your subscriptions until they stop funding this",
    "this is my last post. goodbye",
    "there's a bomb in your Oxford Street store",
    "security at your venue dragged a lad down the steps by his hair",
    "refused to seat us because of my son's wheelchair",
]
TRAPS = [
    "my bank account is crying after your sale, no regrets",
    "that finale left me in bits, I'm emotionally bleeding",
    "is the glass in the oven door replaceable?",
    "got locked out of my account again, password reset doesn't arrive",
    "you've stolen my heart with this new collection",
    "smoke machine at your gig was a bit much but what a night",
    "gas bill doubled this winter, explain",
    "I'd rather eat glass than ring your helpline again",
    "Police escort for the marathon passing our cafe, so proud",
    "hearing aid batteries, do you stock size 312?",
    "they took my favourite crisps off the shelves, gutted",
    "The class was action packed, best spin instructor ever",
    "worm composting kit is doing great, kids love them",
    "slept like the dead on your new mattress",
    "Just finished your true crime podcast about the arsenic murders, hooked",
    "can I bring my guide dog into the cinema?",
    "so pleased my wheelchair was first off the plane, thank you crew",
    "glass of red and your lasagne in the oven, perfect friday",
    "you lot are criminals charging £8 for a pint",
    "the driver left my parcel in the blue bin as I asked, thanks",
    "i'd kill for a vegan version of this",
    "your chilli oil set my mouth on fire, in love",
    "what's the nearest hospital stop on the 42 bus?",
    "I find the staff unhelpful in general",
    "geoff boycott commentating on your channel again, lovely",
]


@pytest.mark.parametrize("text", RISKS)
def test_a_risk_is_found_as_people_tell_it(text: str) -> None:
    assert is_risk(text, "en")


@pytest.mark.parametrize("text", TRAPS)
def test_what_only_sounds_like_a_risk_is_none(text: str) -> None:
    assert not is_risk(text, "en")
