"""Chats laid out in HTML and drawn by Chromium: screenshots with truth whose lettering and layout are not ours."""
