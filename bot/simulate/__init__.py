"""Virtual patients and staff who live through whole journeys in set time, through the real way in and out."""
