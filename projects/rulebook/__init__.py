"""The book of attribution rules as people keep it: each change is asked for, tried out, and then kept or withdrawn.

Words. A *change* makes, changes, ends, retires or moves one rule. Its *dry run* says what it would move in money, by
initiative and month, before anybody keeps it. A change that would move money of a closed month is kept by a second person.

Always true: nobody keeps a change who has an interest in an initiative whose money moves; what was kept is carried out by
a job; without two people a closed month stays as it is. A rule of purpose moves nobody's money: only a rule that says
anew what charges of a closed month are for needs the second person, while aliases and the rules that come with Tollgate
hold for closed months too.
"""
