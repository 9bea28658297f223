"""What the simulated people write: requests for each right, ordinary mail, replies; Swedish and English, all invented."""

from collections.abc import Mapping, Sequence

SV: Mapping[str, Sequence[str]] = {
    "access": (
        "Jag vill ha ett registerutdrag med alla personuppgifter som ni har om mig.",
        "Jag begär att få en kopia av mina personuppgifter enligt artikel 15 i dataskyddsförordningen.",
        "Vilka personuppgifter har ni sparat om mig? Jag vill att ni skickar mig en kopia av allt.",
        "Jag begär ut samtliga uppgifter ni har registrerade om mig.",
        "Skicka mig ett utdrag av alla uppgifter ni har lagrat om mig i era system.",
        "Enligt GDPR har jag rätt att få veta vilka uppgifter ni behandlar om mig. Jag vill ha ett registerutdrag.",
    ),
    "erasure": (
        "Jag vill att ni raderar alla personuppgifter ni har om mig.",
        "Ta bort mitt konto och alla mina uppgifter, tack.",
        "Jag begär att bli raderad ur era register enligt artikel 17.",
        "Jag vill bli glömd. Radera allt ni har sparat om mig.",
        "Vänligen radera mitt konto och mina personuppgifter hos er.",
        "Jag begär att ni tar bort mina personuppgifter ur alla era system.",
    ),
    "rectification": (
        "Jag begär att ni rättar min adress, den är felaktig i ert register över mig.",
        "Mitt efternamn är felstavat i era personuppgifter om mig. Jag vill att ni rättar det.",
        "Jag vill att ni rättar mina personuppgifter: mitt telefonnummer är fel i ert register.",
        "Jag begär rättelse enligt artikel 16: ni har fel uppgifter om min födelsedag.",
    ),
    "restriction": (
        "Jag begär att ni begränsar behandlingen av mina personuppgifter enligt artikel 18.",
        "Jag vill att behandlingen av mina personuppgifter begränsas tills ni har utrett om de stämmer.",
        "Jag begär begränsning av behandlingen av mina uppgifter.",
    ),
    "portability": (
        "Jag vill ha mina uppgifter i ett maskinläsbart format enligt artikel 20, så att jag kan flytta dem.",
        "Jag begär dataportabilitet: skicka mina personuppgifter till mig som CSV eller JSON.",
        "Jag vill flytta mina uppgifter till en annan leverantör och begär dem i maskinläsbart format.",
    ),
    "objection": (
        "Jag invänder mot att ni behandlar mina personuppgifter för statistik, enligt artikel 21.",
        "Jag gör invändning mot er behandling av mina personuppgifter med stöd av berättigat intresse.",
        "Jag invänder enligt artikel 21 mot att ni använder mina personuppgifter för att utveckla era tjänster.",
    ),
    "consent_withdrawal": (
        "Jag återkallar mitt samtycke till att ni behandlar mina personuppgifter.",
        "Jag tar tillbaka mitt samtycke till att ni behandlar mina uppgifter.",
        "Härmed återkallar jag mitt samtycke enligt artikel 7.",
    ),
    "marketing": (
        "Jag vill inte ha fler nyhetsbrev från er. Avregistrera mig från alla utskick.",
        "Sluta skicka reklam till mig.",
        "Jag vill inte ha mer reklam från er. Ta bort mig från er sändlista.",
        "Avregistrera mig från ert nyhetsbrev, tack.",
        "Jag invänder mot direktmarknadsföring och vill inte ha några fler erbjudanden från er.",
    ),
}

EN: Mapping[str, Sequence[str]] = {
    "access": (
        "I would like a copy of all the personal data you hold about me.",
        "I request access to my personal data under Article 15 of the GDPR.",
    ),
    "erasure": (
        "Please delete my account and everything you know about me.",
        "I request the erasure of my personal data under Article 17 of the GDPR.",
    ),
    "rectification": ("I want you to correct my personal data: my address is wrong in your records.",),
    "restriction": ("I request restriction of the processing of my personal data under Article 18.",),
    "portability": ("I request my personal data in a machine-readable format under Article 20 of the GDPR.",),
    "objection": ("I object to your processing of my personal data for statistics under Article 21.",),
    "consent_withdrawal": ("I withdraw my consent to the processing of my personal data.",),
    "marketing": (
        "Please unsubscribe me from your newsletter.",
        "I do not want any more marketing e-mails from you.",
    ),
}

SUBJECTS: Mapping[str, Sequence[str]] = {
    "access": ("Registerutdrag", "Mina uppgifter", "Begäran"),
    "erasure": ("Radering", "Ta bort mig", "Mitt konto"),
    "rectification": ("Fel uppgifter", "Rättelse"),
    "restriction": ("Begränsning", "Begäran"),
    "portability": ("Flytta mina uppgifter", "Dataportabilitet"),
    "objection": ("Invändning", "Begäran"),
    "consent_withdrawal": ("Samtycke", "Återkallat samtycke"),
    "marketing": ("Nyhetsbrev", "Utskick", "Avregistrering"),
}

UNSURE: Mapping[str, Sequence[str]] = {
    "access": ("Min kollega fick ett registerutdrag av er i våras. Hur gör man för att få ett sådant?",),
    "erasure": (
        "Jag har slutat hos min arbetsgivare. Vad händer med mitt konto hos er, tas det bort?",
        "Finns mina uppgifter kvar hos er? I så fall kanske de borde tas bort.",
    ),
    "marketing": ("Jag vet inte om jag vill ha era nyhetsbrev längre.",),
}
"""Mails that ask for something in words nobody can be certain of: mostly the program leaves them to a person.

How much it misses is measured elsewhere (docs/classifier.md); words it is known to let go are not among these.
"""

ORDINARY: Sequence[tuple[str, str]] = (
    ("Bokning", "Vi vill gärna boka två platser på kursen i arbetsmiljö den 14 mars."),
    ("Faktura", "Kan ni skicka fakturan för höstens kurs en gång till? Ekonomiavdelningen hittar den inte."),
    ("Avbokning", "Tyvärr måste jag avboka min plats på kursen på torsdag eftersom barnen är sjuka."),
    ("Fråga om lokal", "Hej, vilken sal är vi i på måndag och finns det parkering i närheten?"),
    ("Offert", "Vi är ett byggföretag i Lund som behöver utbilda tolv personer i heta arbeten. Vad kostar det?"),
    ("Intyg", "Tack för en bra kurs! När kommer intyget?"),
    ("Kursstart", "Vilken tid börjar kursen på måndag, och ska vi ta med oss något?"),
    ("Inloggning", "Jag har glömt mitt lösenord till kursplattformen. Hur gör jag för att få ett nytt?"),
    ("Course dates", "Could you tell me when the next first aid course in Lund starts?"),
    ("Lunch", "Ingår lunch i kursavgiften? En av oss är vegetarian."),
)

NEWSLETTERS: Sequence[str] = (
    (
        "Du får detta nyhetsbrev eftersom du är kund hos oss. Vi behandlar dina personuppgifter enligt GDPR, och du har rätt till "
        "registerutdrag, rättelse och radering. Avregistrera dig här om du inte vill ha fler utskick."
    ),
    "Höstens bästa erbjudanden! Vill du inte ha fler nyhetsbrev? Klicka på länken nedan.",
)
"""What machines write: words that ask for something, and nobody who asks."""

FILLER: Sequence[str] = (
    "Vi var många som hade sett fram emot dagen och det blev en fin diskussion efteråt.",
    "Solen sken över Malmö och kaffet var ovanligt gott.",
    "Jag gick en kurs hos er för några år sedan.",
    "Läraren var tydlig och tog sig tid att svara på allt vi undrade över.",
    "Det är mycket att göra på jobbet just nu.",
)

GIVEN: Sequence[str] = (
    *("Kim", "Robin", "Sam", "Alex", "Elin", "Nora", "Olle", "Astrid", "Hugo", "Maja"),
    *("Linnea", "Viktor", "Sara", "Jonas", "Karin", "Nils", "Lotta", "Emil", "Ylva", "Tove"),
)
FAMILY: Sequence[str] = ("Exempel", "Prov", "Testsson", "Påhitt", "Modell", "Demoberg", "Fiktiv", "Skiss")

NOT_ME = ("Det var inte jag.", "Det var inte jag som skrev detta.", "Jag har inte begärt det här.")
NOT_ME_EN = ("It was not me.", "I did not request this.")
HERE_IS = ("Ja, det var jag. Koden är {code}.", "Här är koden: {code}", "{code}")
HERE_IS_EN = ("Yes, it was me. The code is {code}.", "{code}")
YES = ("Ja", "Ja, det stämmer.", "Ja, det är jag.")
YES_EN = ("Yes", "Yes, I confirm.")
AGAIN = "Jag behöver en ny kod, den gamla fungerar inte längre."
AGAIN_EN = "I need a new code, please."
THANKS = ("Tack för hjälpen!", "Tack, då vet jag.", "Tack så mycket för svaret.")
REMINDER = ("Hej igen! Har ni fått mitt mejl? Jag väntar på svar.", "Hur går det med mitt ärende?")
WITHDRAWAL = (
    "Det behövs inte längre. Jag tar tillbaka min begäran, ni behöver inte göra något.",
    "Jag har ändrat mig. Glöm min begäran, den gäller inte längre.",
)
AWAY = "Jag är på semester och läser inte min post. Jag svarar när jag är tillbaka."
