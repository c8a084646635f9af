"""Why somebody asks for certificates (用证事由), and the most that they may ask for it (invariant 6).

model        relying parties and purposes
shipped      the purposes that come with the program: every service item, and those of utilities, banks and transport
reading      a purpose as JSON
narrowing    whether a request stays within its purpose
"""
