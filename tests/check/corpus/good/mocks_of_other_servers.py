import respx


@respx.mock
def test_weather() -> None:
    respx.get("https://weather.example/claude").respond(json={"rain": True})
