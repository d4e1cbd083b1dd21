"""Counts words, in Python."""
import os

from pyfaktory import Client, Consumer, Job, Producer

URL = os.environ.get("FAKTORY_URL", "tcp://127.0.0.1:7419")


def count_words(argument):
    with Client(URL, role="producer") as client:
        counted = {"language": "python", "words": len(argument["text"].split())}
        Producer(client).push(Job(jobtype="counted", queue="counted", args=[counted]))


if __name__ == "__main__":
    with Client(URL, role="consumer", labels=["python"]) as client:
        consumer = Consumer(client, queues=["examples"], concurrency=1)
        consumer.register("count_words", count_words)
        consumer.run()
