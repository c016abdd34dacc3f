"""The bench side of the cloud: MQTT codec, embedded broker, gateway, cloud client."""
