"""The chat page; started by ``wenbao ui``."""

from ui.chat_page import main

main()
